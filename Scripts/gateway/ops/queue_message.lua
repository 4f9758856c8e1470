--- QUEUE_MESSAGE: a message of a queue, to be answered by QUEUE_ACK or QUEUE_NACK within the
-- subscription's time. queues/work.lua sends it.

return { number = 25, name = "QUEUE_MESSAGE", from = "gateway" }
