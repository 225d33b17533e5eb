-- expression.lua: the expressions of `where` and `derive`: one Lua expression over a
-- configuration's values, and nothing else.
--
-- Allowed are numbers, quoted text, the script's parameters, arithmetic, comparisons, `and`,
-- `or`, `not`, parentheses, and a few functions of numbers. Every token is looked at before Lua
-- sees it, so that there is no way to a table, a method, a loop or a function; and it runs with a
-- limit on its steps all the same.

local lexer = require "lab.util.lexer"
local options = require "lab.util.options"
local tree = require "lab.sweep.plan.tree"

local M = {}

local MOST_CHARACTERS, MOST_STEPS = 1000, 100000

local functions = { abs = math.abs, ceil = math.ceil, exp = math.exp, floor = math.floor, log = math.log,
  max = math.max, min = math.min, sqrt = math.sqrt }

local words, signs = {}, {}
for word in ("and or not true false"):gmatch "%a+" do words[word] = true end
for sign in ("+ - * / // % ^ == ~= < <= > >= ( ) ,"):gmatch "%S+" do signs[sign] = true end

local advice = { ["="] = "; equal is written ==", ["!"] = "; unequal is written ~=", ["&"] = "; both is written 'and'",
  ["|"] = "; either is written 'or'", ["."] = "; functions have no prefix: floor(x), not math.floor(x)" }

-- Raises unless a name is a parameter, or a function that is called.
local function check_name(node, name, called, known)
  if known.rules[name] then
    if called then tree.fail(node, "'%s' is a parameter, not a function", name) end
  elseif functions[name] then
    if not called then tree.fail(node, "'%s' is a function: %s(x)", name, name) end
  else
    local names = options.sorted_keys(functions)
    table.move(known.names, 1, #known.names, #names + 1, names)
    tree.fail(node, "there is no parameter '%s'%s", name, name == "math" and advice["."] or options.suggestion(name, names))
  end
end

-- Raises unless every token is one that may stand there; returns the set of parameters named.
local function check_tokens(node, text, known)
  local used, tokens = {}, lexer.tokens(text)
  for i, token in ipairs(tokens) do
    local what, kind = token.text, token.kind
    if kind == "name" then
      check_name(node, what, tokens[i + 1] and tokens[i + 1].text == "(", known)
      used[what] = known.rules[what] ~= nil or nil
    elseif kind == "string" and what:find "^%[" or kind == "comment" or kind == "keyword" and not words[what]
      or kind == "sign" and not signs[what] then
      tree.fail(node, "'%s' is not allowed in an expression over parameters%s", what, advice[what] or "")
    end
  end
  return used
end

-- Calls f() for at most so many steps of Lua. Returns true and its value, or false and why.
function M.limited(f, steps)
  local thread = coroutine.create(f)
  debug.sethook(thread, function() error("it takes too many steps", 0) end, "", steps)
  return coroutine.resume(thread)
end

-- A row in words, for messages.
local function configuration(row)
  local parts = {}
  for i, name in ipairs(options.sorted_keys(row)) do parts[i] = name .. "=" .. tree.show(row[name]) end
  return #parts > 0 and table.concat(parts, " ") or "of defaults"
end

-- Compiles the text of a node. Returns evaluate(row) and the set of parameters it names. What a
-- row does not set has the value of the script's declaration. evaluate raises a problem if Lua
-- does, or if `wanted` is given and the value is of another type.
function M.compile(node, declaration, wanted)
  local text = tree.text(node, "an expression in quotes")
  if #text > MOST_CHARACTERS then tree.fail(node, "an expression of more than %d characters", MOST_CHARACTERS) end
  local used = check_tokens(node, text, declaration)
  local environment, current = {}, nil
  setmetatable(environment, { __index = function(_, name)
    local v = current[name]
    if v ~= nil then return v end
    v = declaration.values[name]
    if v ~= nil then return v end
    return functions[name]
  end })
  local chunk, why = load("return " .. text .. "\n", "=expression", "t", environment)
  if not chunk then tree.fail(node, "'%s' is not an expression: %s", text, (why:gsub("^expression:%d+: ", ""))) end
  return function(row)
    current = row
    local ok, v = M.limited(chunk, MOST_STEPS)
    if not ok then
      tree.fail(node, "'%s' cannot be evaluated: %s (configuration %s)", text, tostring(v):gsub("^expression:%d+: ", ""), configuration(row))
    end
    if wanted and type(v) ~= wanted then
      tree.fail(node, "'%s' must be true or false, and is %s (configuration %s)", text, tree.show(v), configuration(row))
    end
    return v
  end, used
end

return M
