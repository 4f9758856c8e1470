--- REJECT: the gateway will not do it. The module `reject` makes these, and knows the codes.

return { number = 2, name = "REJECT", from = "gateway" }
