-- scored.lua: the rules for pruning that give every link a score, by their names in the engine: those that can be soft, and put
-- the links of all layers in one order.

return { magnitude = true, mest = true, snip = true, ["relative importance"] = true, random = true }
