-- yaml_faults.lua: what is wrong with a YAML text, in words that say what to do.
--
-- libyaml says what its parser had expected, and where it noticed. What people get wrong is one of a dozen
-- things; here the line is looked at for these. What is none of them keeps libyaml's words.

local M = {}

-- A fault as the rules see it: { why, line, column, lines = array, text = the line, before = what
-- stands before the column, rest = from the column on, began = line at which what is open begins }.
local function fault_of(text, why, line, column)
  local lines = {}
  for one in (text .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = one end
  local here = lines[line] or ""
  local at = utf8.offset(here, column) or #here + 1
  return { why = why, line = line, column = column, lines = lines, text = here, before = here:sub(1, at - 1), rest = here:sub(at),
    began = tonumber(why:match "begins at line (%d+)") or line }
end

local function indent_of(line) return #line:match "^ *" end

-- The number of the last line above that holds anything but a comment; nil if there is none.
local function above(f)
  for n = f.line - 1, 1, -1 do
    if f.lines[n]:find "^%s*[^%s#]" then return n end
  end
end

local function first_word(text) return text:match "^%s*(%S[^%s:=]*)" or "" end

-- A line with a name and no ': ' behind it: the sentence and its place, or nil.
local function without_colon(f, n)
  local line = n and f.lines[n]
  if not line or line:find ":%s" or line:find ":$" or not line:find "^%s*[%w_]" then return nil end
  local name, colon = line:match "^%s*[%w_.-]+():%S", line:match "^%s*[%w_.-]+:()%S"
  if name then return ("a space is missing after the colon of '%s:'"):format(first_word(line)), n, colon end
  return ("after the name '%s' a colon and a space are missing, as in 'name: value'"):format(first_word(line)), n,
    indent_of(line) + utf8.len(first_word(line)) + 1
end

local function tab(f)
  local blanks = f.text:match "^( *)\t"
  if blanks then return "a tab; YAML needs spaces", f.line, #blanks + 1 end
  if f.rest:find "^\t" then return "a tab; YAML needs spaces" end
end

local function bad_start(f)
  if not f.why:find "cannot start any token" then return nil end
  return ("a value cannot begin with '%s'; put it in quotes: \"%s\""):format(f.rest:sub(1, 1), f.rest:match "^[^%s,#]*")
end

local function second_colon(f)
  if not f.why:find "mapping values are not allowed" then return nil end
  if f.before:find ":%s" then
    return "a second ': ' in one line; put a text that holds one in quotes, and a map in braces: {name: value}"
  end
  local n = above(f)
  local sentence, line, column = without_colon(f, n)
  if sentence then return sentence, line, column end
  if n and indent_of(f.text) > indent_of(f.lines[n]) then
    return ("this line is indented further than line %d, which has its value already"):format(n), f.line, indent_of(f.text) + 1
  end
end

local function no_colon(f)
  if f.why:find "could not find expected ':'" then return without_colon(f, f.began) end
end

-- Where the quote opens that begins in a line and is closed nowhere.
local function quote_place(line)
  local at = line:match ":%s+()[\"']" or line:match "[%[{,%-]%s*()[\"']" or line:match "()[\"']"
  return at and utf8.len(line:sub(1, at - 1)) + 1 or 1
end

local function open_quote(f)
  if not (f.why:find "quoted scalar" and f.why:find "unexpected") then return nil end
  return "the quote that opens here is not closed", f.began, quote_place(f.lines[f.began] or "")
end

local closers = { ["]"] = "list", ["}"] = "map" }

local function open_bracket(f)
  local closer = f.why:match "expected ',' or '([%]}])'"
  if not closer then return nil end
  local where = f.began < f.line and (" that begins at line %d"):format(f.began) or ""
  return ("'%s' or a comma is missing: the %s%s is not closed here"):format(closer, closers[closer], where)
end

local function stray_bracket(f)
  local c = f.rest:match "^[%]},]"
  if not c or not f.why:find "did not find expected" then return nil end
  return c == "," and "a comma that belongs to no list; nothing may follow a value"
    or ("'%s' closes nothing: no %s is open here"):format(c, closers[c])
end

local function indentation(f)
  if not f.why:find "did not find expected" or f.before:find "[^ ]" then return nil end
  return "the indentation matches no line above; the names of one map begin in the same column"
end

local function trailing(f)
  if f.why:find "did not find expected key" then return "the value has ended, and this follows it; put the whole value in quotes" end
end

local function escape(f)
  if not f.why:find "unknown escape" then return nil end
  return "in double quotes a backslash begins an escape, and this is not one; write \\\\ for a backslash, or use single quotes"
end

local function block_text(f)
  if f.why:find "block scalar" and f.why:find "comment or line break" then return "after | or > the text begins on the next line" end
end

local rules = { tab, bad_start, second_colon, no_colon, open_quote, open_bracket, stray_bracket, indentation, trailing, escape, block_text }

-- A sentence, and its line and column, for what libyaml says of a text and where.
function M.explain(text, why, line, column)
  local f = fault_of(text, why, line, column)
  for _, rule in ipairs(rules) do
    local sentence, at_line, at_column = rule(f)
    if sentence then return sentence, at_line or line, at_column or column end
  end
  return why, line, column
end

-- What no parser minds and everybody gets wrong: the first line that is indented by something that only
-- looks like blanks. A sentence, line and column; or nil.
function M.odd_blanks(text)
  local n = 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    n = n + 1
    local before = line:match "^( *)\u{a0}" or line:match "^( *)\u{3000}"
    if before then return "a space that YAML does not accept (a no-break or wide space); use ordinary spaces", n, #before + 1 end
  end
end

-- "; a space is missing after the colon" for a text such as lr:0.1 where a map should be; else "".
function M.hint(text)
  return text:find "^[%w_.-]+:%S" and not text:find "^%a+://" and "; a space is missing after the colon" or ""
end

return M
