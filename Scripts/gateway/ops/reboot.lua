--- REBOOT: the service is to restart. It stays connected until it closes by itself.

return { number = 4, name = "REBOOT", from = "gateway" }
