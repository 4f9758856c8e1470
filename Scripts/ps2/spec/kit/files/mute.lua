--- A trigger file whose error does not say where it is from.

error("broken on purpose", 0)
