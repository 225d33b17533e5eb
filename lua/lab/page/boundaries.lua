-- boundaries.lua: where a script may be cut into prose and code.
--
-- A run of comment lines in column one is a boundary only where a statement ends: the text
-- before it compiles, and the next token cannot continue a statement. Brackets and blocks are
-- counted to find the places where one may end; the compiler is the judge of the text since
-- the last boundary (everything before has been judged), so a long script is compiled about
-- once in all. Anything else that looks like prose stays a comment.

local M = {}

-- What the weaver puts in front of a block: see page/literate.lua. As a statement of its own it
-- also shows the judge that a call may stand there.
M.CALL = ';("\\1weave")(%d)'

local opens = { ["("] = true, ["{"] = true, ["["] = true, ["do"] = true, ["function"] = true,
  ["if"] = true, ["repeat"] = true }
local closes = { [")"] = true, ["}"] = true, ["]"] = true, ["end"] = true, ["until"] = true }
-- Signs and words that cannot follow a finished statement: the statement goes on.
local continues = {}
for s in ("( { [ . : = , + - * / // % ^ & | ~ << >> == ~= < <= > >= .. and or"):gmatch("%S+") do continues[s] = true end
-- Words that can be the last of a statement; every other keyword leaves it open.
local last_words = { ["end"] = true, ["nil"] = true, ["true"] = true, ["false"] = true, ["break"] = true }
local last_signs = { [")"] = true, ["}"] = true, ["]"] = true, ["..."] = true, ["::"] = true, [";"] = true, [">"] = true }

local function goes_on(token) return token.kind == "string" or continues[token.text] or false end

local function may_end(token)
  if not token then return true end
  if token.kind == "keyword" then return last_words[token.text] end
  return token.kind ~= "sign" or last_signs[token.text]
end

-- "prose", "option" or nil: what a comment in column one is.
local function kind_of(text, token)
  if token.kind ~= "comment" or not (token.first == 1 or text:byte(token.first - 1) == 10) then return nil end
  local s = token.text
  if s == "--" or s:find("^%-%- ") then return "prose" end
  if s:find("^%-%-|") then return "option" end
  local alone = s:find("^%-%-%[%[[ \t]*\n") and s:find("\n[ \t]*%]%]$")
  local rest = text:match("^[^\n]*", token.last + 1)
  if alone and not rest:find("%S") then return "long prose" end
end

-- The runs of prose and option lines: { kind, at, to (token numbers), first, last (bytes) }.
function M.runs(text, tokens)
  local runs, by_token, i = {}, {}, 1
  while i <= #tokens do
    local kind, j = kind_of(text, tokens[i]), i
    if kind then
      while kind ~= "long prose" and tokens[j + 1] and tokens[j + 1].first == tokens[j].last + 2
            and kind_of(text, tokens[j + 1]) == kind do j = j + 1 end
      local run = { kind = kind, at = i, to = j, first = tokens[i].first, last = tokens[j].last }
      runs[#runs + 1], by_token[i] = run, run
    end
    i = j + 1
  end
  return runs, by_token
end

-- The judge. `state.from` is where the text begins that no boundary has vouched for yet.
-- A goto whose label comes later keeps everything up to that label in one piece.
local function compiles(state, last)
  local text = state.text
  local ok, why = load(text:sub(state.from, last) .. M.CALL:format(0), "=", "t", {})
  if ok then return true end
  local label = why:match("no visible label '([^']+)'")
  if not label then return false end
  if state.labels[label] then return load(text:sub(1, last) .. M.CALL:format(0), "=", "t", {}) ~= nil end
  state.waiting = label
  return false
end

function M.next_code(tokens, i)
  repeat i = i + 1 until not tokens[i] or tokens[i].kind ~= "comment"
  return tokens[i], i
end

-- The last token (its number) of the statement that begins with token `i`: the shortest piece
-- that compiles and is not continued. nil: nothing can stand after the statement.
function M.statement_end(text, tokens, i)
  if tokens[i].text == "return" or tokens[i].text == "goto" then return nil end
  local depth, first = 0, tokens[i].first
  while tokens[i] do
    local token = tokens[i]
    if opens[token.text] and token.kind ~= "string" then depth = depth + 1 end
    if closes[token.text] and token.kind ~= "string" then depth = depth - 1 end
    local follower, j = M.next_code(tokens, i)
    if depth == 0 and may_end(token) and not (follower and goes_on(follower)) then
      local ok, why = load(text:sub(first, token.last), "=", "t", {})
      if ok or why:find("no visible label", 1, true) then return i end
    end
    i = j
  end
end

-- Decides each run: run.role becomes "boundary", "tail" (prose after everything) or nil.
function M.decide(text, tokens, by_token)
  local state = { text = text, from = 1, labels = {} }
  local depth, returned, previous = 0, false, nil
  for i, token in ipairs(tokens) do
    local run = by_token[i]
    if run and depth == 0 then
      local follower = M.next_code(tokens, run.to)
      if not returned and not state.waiting and may_end(previous) and not (follower and goes_on(follower))
         and compiles(state, run.first - 1) then
        run.role, state.from = "boundary", run.first
      elseif not follower then run.role = "tail" end
    elseif token.kind == "keyword" or token.kind == "sign" then
      if opens[token.text] then depth = depth + 1
      elseif closes[token.text] then depth = depth - 1
      elseif token.text == "return" and depth == 0 then returned = true end
    elseif token.kind == "name" and previous and previous.text == "::" then
      state.labels[token.text] = true
      if state.waiting == token.text then state.waiting = nil end
    end
    if token.kind ~= "comment" then previous = token end
  end
end

return M
