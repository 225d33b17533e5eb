-- init.lua: `local lab = require "lab"`. The words of the notebook, each from its own file.

local lab = {}

-- Loaded on first use, so that a script pays only for the words it says.
local words = {
  data = "lab.data",
  params = "lab.params",
}

return setmetatable(lab, {
  __index = function(t, name)
    local module = words[name]
    if not module then
      local options = require "lab.options"
      options.fail(("lab has no word '%s'%s"):format(tostring(name), options.suggestion(name, options.sorted_keys(words))))
    end
    local value = require(module)
    rawset(t, name, value)
    return value
  end,
})
