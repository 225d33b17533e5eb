-- memory_check.lua: refuses what cannot fit, before anything is allocated.
--
-- What there is, is what the machine, the control groups and ulimit leave, files that are only
-- cached counted as free; a fiftieth of it stays back, for what nobody plans. SETLAB_MEMORY says
-- otherwise: so much for the engine's blocks in all, or "none", and nothing is refused.

local attempt = require "lab.util.attempt".call
local bytes = require "lab.util.bytes"
local format = require "lab.util.format"
local options = require "lab.util.options"
local plan = require "lab.c.plan"

local M = {}

-- Bytes that may still be taken and who leaves no more; or nil where nobody says.
function M.available()
  local text = os.getenv "SETLAB_MEMORY"
  if not text or text == "" then return plan.available() end
  if text == "none" then return nil end
  local limit = bytes.read(text)
  if not limit then options.fail(("SETLAB_MEMORY is '%s': write a size such as 8G, or none"):format(text)) end
  return math.max(0, limit - (plan.held())), "SETLAB_MEMORY"
end

-- Does so much fit? Returns that, what is available, and what leaves no more.
function M.fits(need, available, whose)
  if not available then available, whose = M.available() end
  if not available then return true end
  return need <= available - available // 50, available, whose
end

local who = { ["the machine"] = "this machine has", ["the control group"] = "this process's control group leaves",
  ulimit = "ulimit leaves", SETLAB_MEMORY = "SETLAB_MEMORY leaves", ["--memory"] = "--memory leaves" }

-- The sentence that refuses: `what` needs so many bytes, "of which ..." if there is more to say.
function M.refusal(what, need, details, available, whose)
  return ("not enough memory: %s needs %s%s, and %s %s"):format(what, bytes.text(need),
    details and " (" .. details .. ")" or "", who[whose], bytes.text(available))
end

local function require_room(where, what, need, details)
  local fits, available, whose = M.fits(need)
  if not fits then options.fail(("%s: %s; SETLAB_MEMORY=none lets it try"):format(where, M.refusal(what, need, details(), available, whose))) end
end

-- The largest layer, in words.
local function dearest(layers)
  local most = layers[1]
  for _, layer in ipairs(layers) do if layer.link_bytes > most.link_bytes then most = layer end end
  return ("%s for the %s links of %d to %d units"):format(bytes.text(most.link_bytes), format.count(most.links), most.n_in, most.n_out)
end

-- Before a net is made of `layers` (lab.layers): raises if it cannot fit. use = { threads, isa, history, optimiser }.
function M.net(where, layers, use)
  local ok, p = attempt(plan.net, layers, use)
  if not ok then options.fail(where .. ": " .. p) end
  require_room(where, "the net", p.net, function() return dearest(p.layers) end)
end

-- Before the net trains: raises if what that takes on top, `more` bytes, cannot fit.
-- use = { batch, evolution }.
function M.training(where, net, use, more)
  require_room(where, ("training on batches of %d"):format(use.batch), more, function()
    local units = 0
    for l = 0, net:layers() do units = units + net:units(l) end
    return ("activations and gradients of %s units%s, beside the net itself"):format(format.count(units),
      use.evolution and ", and the links' evolution" or "")
  end)
end

return M
