-- A folder with a script of one run, as a user has it, and what the program says of it.
return function(t)
  local program = (os.getenv "B" or "build") .. "/setlab"
  if program:sub(1, 1) ~= "/" then program = os.getenv "PWD" .. "/" .. program end

  local Project = {}
  Project.__index = Project

  -- A new folder with these files: name -> text.
  local function new(files)
    local project = setmetatable({ dir = t.tmpdir() }, Project)
    for name, text in pairs(files or {}) do project:write(name, text) end
    return project
  end

  function Project:write(name, text)
    local folder = name:match "^(.*)/"
    if folder then os.execute(("mkdir -p '%s/%s'"):format(self.dir, folder)) end
    return t.write(self.dir .. "/" .. name, text)
  end

  -- `setlab WORDS` in the folder: what it prints on both channels, and its exit status.
  function Project:setlab(words)
    local pipe = io.popen(("cd '%s' && unset LEVEL; %s 2>&1"):format(self.dir, words:gsub("setlab ", "'" .. program .. "' ")))
    local said = pipe:read "a"
    local _, _, status = pipe:close()
    return said, status
  end

  -- The value that case.lua prints and whether its run was read back: "7 true".
  function Project:value(before)
    local said = self:setlab((before or "") .. " setlab run --progress=none case.lua")
    return said:match "value ([^\n]*)\n" or said
  end

  -- A script whose run logs what `body` makes of P, run and seed; `top` stands before it.
  local function case(body, top)
    return ([[
local lab = require "lab"
local P = lab.params { model = "a", seed = 1 }
%s
local runs = lab.runs { "case", seed = P.seed, run = function(run, seed)
%s
  run:log { epoch = 1, value = value }
end }
if runs[1].status == "done" then print("value " .. runs[1]:last "value" .. " " .. tostring(runs[1].reused)) end
]]):format(top or "", body)
  end

  return { new = new, case = case }
end
