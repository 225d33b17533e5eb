-- surroundings.lua: what a run function, or that of lab.memo, finds around it: a stream of random numbers
-- that depends on its key alone, and a record of what it reads.

local random = require "lab.c.random"
local reads = require "lab.script.reads"

local M = {}

local Surroundings = {}
function Surroundings:__close()
  self.reads:__close()
  random.restore(self.outer)
end
Surroundings.__index = Surroundings

local function begin(hash, given)
  local surroundings = setmetatable({ outer = random.state(), reads = reads.open(given) }, Surroundings)
  random.begin(tonumber(hash:sub(1, 16), 16), tonumber(hash:sub(17, 32), 16))
  return surroundings
end

-- Of a run, until the value is closed. What it read before it was stopped counts again.
--   book  from checkpoint.book
function M.of_run(book)
  local surroundings = begin(book.key, { inside = "a run function", folder = book.folder.path })
  if book.past then reads.add(surroundings.reads, book.past.reads) end
  book.reads = surroundings.reads
  return surroundings
end

-- Of a remembered computation.
function M.of_memo(hash) return begin(hash, { inside = "the function of lab.memo" }) end

return M
