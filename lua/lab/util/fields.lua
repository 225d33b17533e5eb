-- fields.lua: objects that know what they have. A misspelt method or field is an error at the script's
-- line that names the nearest one, instead of a nil that is met later, or never.
--
-- Reading what is there costs nothing: only what is missing comes here.

local options = require "lab.util.options"

local M = {}

-- The names that a script may read: those of `has` (a table, or an array of tables) that are no
-- metamethods, and those in `more`.
local function known(has, more)
  local seen, names = {}, {}
  for _, source in ipairs { options.sorted_keys(has), more or {} } do
    for _, name in ipairs(source) do
      if not seen[name] and not name:find "^__" then seen[name], names[#names + 1] = true, name end
    end
  end
  table.sort(names)
  return names
end

-- An __index comes to its end: `what` ("a net") has no `name`. What is no name (runs[7]), and what
-- Lua itself asks for (__pairs), is nil.
--   has   table whose keys are known
--   more  array of further names, for the suggestion
function M.missing(what, name, has, more)
  if type(name) ~= "string" or name:find "^__" then return nil end
  options.fail(("%s has no '%s'%s"):format(what, name, options.suggestion(name, known(has, more))))
end

-- An __index for what an object does not hold itself.
--   methods   table of methods, or of names whose values count as there
--   fields    array of names that the object has; for the suggestion
--   optional  array of names that may be nil
function M.index(what, methods, fields, optional)
  local may_be_nil, more = {}, table.move(fields or {}, 1, #(fields or {}), 1, {})
  for _, name in ipairs(optional or {}) do may_be_nil[name], more[#more + 1] = true, name end
  return function(_, name)
    local method = rawget(methods, name)
    if method ~= nil or may_be_nil[name] then return method end
    return M.missing(what, name, methods, more)
  end
end

-- A metatable for plain tables that scripts read, such as an epoch. It says nothing of what the table
-- stands for, so run keys leave it out (__plain, run/canonical.lua).
function M.record(what, fields, optional)
  return { __plain = true, __index = M.index(what, {}, fields, optional) }
end

-- The same for a class whose objects have it as their __index. Returns the class.
function M.class(class, what, fields, optional)
  return setmetatable(class, { __plain = true, __index = M.index(what, class, fields, optional) })
end

return M
