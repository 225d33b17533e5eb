-- literate.lua: a script is a document.
--
-- Comments that begin in column one are prose, all else is code (page/boundaries.lua decides).
-- The script stays one chunk: a prose block becomes a call put in front of its own first
-- line, so locals cross cells and every line keeps its number. The call is made through a
-- string, ("\1weave")(3): the only thing a chunk can call without a name. So no global, no
-- local and no upvalue is added, and even a script with its own _ENV can be woven. `install`
-- gives strings that call; any other string stays what it was, not callable. The call of prose with
-- values, `{lua} expression`, hands over a closure for each, which sees the locals at its place.

local lexer = require "lab.util.lexer"
local boundaries = require "lab.page.boundaries"
local comment_options = require "lab.page.comment_options"
local inline = require "lab.page.inline"

local M = {}

local CALL = boundaries.CALL

-- The script as the compiler gets it. Newlines of any system become "\n" (it reads them so, in
-- strings too); a first line that begins with # is for the shell and becomes a comment.
local function normal(text)
  text = text:gsub("^\xEF\xBB\xBF", "")
  if text:find("\r", 1, true) then text = text:gsub("\r\n", "\n"):gsub("\n\r", "\n"):gsub("\r", "\n") end
  if not text:find("^#") then return text, 1 end
  text = "--" .. text
  return text, text:find("\n", 1, true) or #text + 1
end

-- The Markdown of a prose run.
local function prose_text(text, run)
  local s = text:sub(run.first, run.last)
  if run.kind == "long prose" then return (s:gsub("^%-%-%[%[[ \t]*\n", ""):gsub("\n?[ \t]*%]%]$", "")) end
  return (("\n" .. s):gsub("\n%-%- ?", "\n"):sub(2))
end

-- The expressions in a piece of prose that begins at a line of the script, each checked: { code =, line = }, ...
local function values_of(text, name, line, is_tail)
  local values = inline.expressions(text)
  for _, value in ipairs(values) do
    value.line = line + value.line
    local ok, why = load("return(" .. value.code .. ")", "=", "t", {})
    if value.code == "" then why = "there is no expression" else why = why and why:gsub("^:%d+: ", "") end
    if not ok or value.code == "" then error(("%s:%d: `{lua} %s`: %s"):format(name, value.line, value.code, why), 0) end
    if is_tail then error(("%s:%d: `{lua} %s`: the script has ended here, and computes nothing any more"):format(name, value.line, value.code), 0) end
  end
  return values
end

-- Line numbers of ascending byte offsets.
local function line_counter(text)
  local at, line = 1, 1
  return function(offset)
    for _ in text:sub(at, offset - 1):gmatch("\n") do line = line + 1 end
    at = math.max(at, offset)
    return line
  end
end

-- Where the display of a statement ends: with its line, unless more code stands there.
local function display_end(text, tokens, i)
  local stop = (text:find("\n", tokens[i].last + 1, true) or #text + 1) - 1
  for j = i + 1, #tokens do
    if tokens[j].first > stop then break end
    if tokens[j].kind ~= "comment" or tokens[j].last > stop then return tokens[i].last end
  end
  return stop
end

-- Cuts the text at the decided runs into blocks, and says where calls go.
local function assemble(text, from, name, tokens, runs)
  local blocks, marks, line_of, resume = {}, {}, line_counter(text), nil
  local labels, options = {}, nil
  local function add(block, at)
    blocks[#blocks + 1], block.marked = block, at ~= nil
    if at then marks[#marks + 1] = { at = at, block = #blocks } end
  end
  local function code(last, at, given)
    local start = text:find("%S", from)
    if start and start > last then start = nil end
    if start or at then
      local line = line_of(start or from)
      local piece = start and text:sub(from, last):gsub("^%s*\n", ""):gsub("%s+$", "") or ""
      add({ kind = "code", text = piece, line = line, last_line = line + select(2, piece:gsub("\n", "")), options = given }, at)
    end
    from, resume = last + 1, nil
  end
  for r, run in ipairs(runs) do
    code(run.first - 1, resume)
    local line, follower, i = line_of(run.first), boundaries.next_code(tokens, run.to)
    from = run.last + 1
    if run.kind ~= "option" then
      local prose = prose_text(text, run)
      local values = values_of(prose, name, line + (run.kind == "long prose" and 1 or 0), run.role == "tail")
      add({ kind = "prose", text = prose, line = line, last_line = line_of(run.last), tail = run.role == "tail", values = values },
        run.role == "boundary" and run.first or nil)
    else
      options = comment_options.parse(text:sub(run.first, run.last), name, line, options, labels)
      if not follower then error(("%s:%d: no statement follows these options (--|)"):format(name, line), 0) end
    end
    local next_run = runs[r + 1]
    if options and follower and not (next_run and next_run.first < follower.first) then
      local last = boundaries.statement_end(text, tokens, i)
      code(last and display_end(text, tokens, last) or (next_run and next_run.first or #text + 1) - 1, follower.first, options)
      resume, options = last and tokens[last].last + 1, nil
    end
  end
  code(#text, resume)
  return blocks, marks
end

-- What a block's call is given: its number, and a closure for each value.
local function arguments_of(block, n)
  local arguments = { ("%d"):format(n) }
  for i, value in ipairs(block.values or {}) do arguments[i + 1] = "function()return(" .. value.code .. ")end" end
  return table.concat(arguments, ",")
end

-- The text with its calls put in.
local function with_calls(text, marks, blocks)
  local pieces, from = {}, 1
  for _, mark in ipairs(marks) do
    pieces[#pieces + 1] = text:sub(from, mark.at - 1) .. CALL:gsub("%%d", function() return arguments_of(blocks[mark.block], mark.block) end)
    from = mark.at
  end
  return table.concat(pieces) .. text:sub(from)
end

-- Parses a script. Returns
--   blocks  in the order of the page; each { kind = "prose"|"code", text, line, last_line,
--           options (of code below `--|`), values (of prose: { code =, line = } for each), marked (a call announces it), tail (prose after
--           everything, rendered as it stands) }
--   chunk   the text to compile: the script with ("\1weave")(n) in front of each marked
--           block n, and as many lines as the script
-- or raises "name:line: sentence" for a mistake in a `--|` line. A script that does not
-- compile is cut as far as it goes; compiling `chunk` shows what is wrong with it.
function M.parse(text, name)
  local from
  text, from = normal(text)
  local tokens = lexer.tokens(text)
  local runs, by_token = boundaries.runs(text, tokens)
  boundaries.decide(text, tokens, by_token)
  local decided = {}
  for _, run in ipairs(runs) do if run.role then decided[#decided + 1] = run end end
  local blocks, marks = assemble(text, from, name, tokens, decided)
  return blocks, with_calls(text, marks, blocks)
end

-- Lets the calls of a woven chunk arrive at `announce(n, closures...)` until the returned function is
-- called. Any other string that is called raises the error it raises without us.
function M.install(announce)
  local strings = getmetatable("")
  local before = strings.__call
  strings.__call = function(s, n, ...)
    if s == "\1weave" then announce(n, ...) else error("attempt to call a string value", 2) end
  end
  return function() strings.__call = before end
end

return M
