-- work.lua: what an epoch of a subject had to do: operations on links, bytes moved, phases.

local statistics = require "lab.util.statistics"

local M = {}

-- Operations of one epoch: two a link and sample for each of the forward pass, the input
-- gradient (but of the first layer) and the weight gradient.
function M.operations(self)
  local links = self.net:links_per_layer()
  local all = self.net:links()
  if self.config.mode == "infer" then return 2 * all * self.samples end
  return (6 * all - 2 * links[1]) * self.samples
end

-- Bytes of one epoch in the model that the manual states: a link reads one row of activations
-- forward and one of deltas backward, and its own state: of its 20 bytes the weight and its two
-- indices of the mirrored order forward; weight, momentum and index backward, and writes two.
local FORWARD, BACKWARD = 12, 12 + 8

-- How often an epoch walks the links: once a batch, of which an evaluation has its own.
local function steps_of(self)
  local c = self.config
  return self.samples / math.min(c.mode == "infer" and 128 or c.batch, c.samples)
end

-- Bytes of the rows that a link reads in an epoch, going one way.
local function row_bytes(self) return (self.config.precision == "bfloat16" and 2 or 4) * self.samples end

function M.bytes(self)
  local links, rows, steps = self.net:links(), row_bytes(self), steps_of(self)
  if self.config.mode == "infer" then return links * (rows + FORWARD * steps) end
  return links * (2 * rows + (FORWARD + BACKWARD) * steps)
end

-- Array of { name =, seconds =, operations =, bytes = } in the order of a step: medians over the
-- epochs. Operations stand where a layer has some, bytes where the model knows them: in sparse ones.
function M.phases(self)
  local list, layers, links = {}, self.net:layers(), self.net:links_per_layer()
  local function add(name, of)
    local seconds = {}
    for i, phases in ipairs(self.epoch_phases) do seconds[i] = of(phases) end
    list[#list + 1] = { name = name, seconds = statistics.median(seconds) }
  end
  -- A layer's share: so many operations a link and sample, so many bytes of its links a step.
  local function add_layer(name, l, of, operations, state)
    add(name .. " " .. l, of)
    list[#list].operations = operations * links[l] * self.samples
    list[#list].bytes = self.net:is_sparse(l) and links[l] * (row_bytes(self) + state * steps_of(self)) or nil
  end
  add("batch", function(p) return p.batch end)
  for l = 1, layers do add_layer("forward", l, function(p) return p.forward[l] end, 2, FORWARD) end
  add("loss", function(p) return p.loss end)
  if self.config.mode == "infer" then return list end
  for l = layers, 1, -1 do add_layer("backward", l, function(p) return p.backward[l] end, l > 1 and 4 or 2, BACKWARD) end
  return list
end

return M
