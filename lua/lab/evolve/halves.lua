-- halves.lua: which half of an evolution a rule was made for, "prune" or "grow". It is no part of the value, and so of no key.

return setmetatable({}, { __mode = "k" })
