--- QUEUE_STORED: a message that was put into a queue is on disk. queues.lua sends it.

return { number = 21, name = "QUEUE_STORED", from = "gateway" }
