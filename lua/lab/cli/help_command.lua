-- help_command.lua: `setlab help [COMMAND | WORD]`.

local arguments = require "lab.util.arguments"
local commands = require "lab.cli.commands"
local manual = require "lab.util.manual"
local manual_markdown = require "lab.cli.manual_markdown"
local options = require "lab.util.options"
local word_help = require "lab.cli.word_help"

local M = { name = "help", summary = "print this overview, or the manual of a command or of a word of lab" }

local flags = {
  markdown = { help = "Print the manual of all words as Markdown, as it stands in lua/README.md." },
  page = { value = "DIR", help = "Write it as a page, DIR/manual.html." },
}

M.help = [[
NAME
       setlab help - print the manual of a command, or of a word of lab

SYNOPSIS
       setlab help [COMMAND | WORD]
       setlab help --markdown | --page=DIR

DESCRIPTION
       Without a command: what setlab is and which commands it has. With one: its manual,
       the same text that 'setlab COMMAND --help' prints. With a word of the notebook, such
       as lab.mlp or lab.plot.curves: what it does, what it returns, and each option that it
       takes with its kind, limits and default. With what a word returns, such as lab.net,
       or one of its methods, such as net:epochs: the same of these. 'setlab help lab' lists
       them all. Any other text is searched for in the names and summaries of all words.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if there is such a command or word, 2 if not.

EXAMPLES
       setlab help run
       setlab help lab.table
       setlab help net:epochs
       setlab help confusion]]

-- A word of the same last name, "lab.plot.curves" for "lab.curves"; or the nearest one.
local function near(name)
  local last = name:match "^lab%.([%w_]+)$"
  for _, known in ipairs(word_help.names()) do if last and known:match "[%w_]+$" == last then return known end end
  return options.nearest(name, word_help.names())
end

local function word(name)
  local text = word_help.text(name)
  if not text then
    local meant = near(name)
    arguments.fail("setlab help", ("there is no word '%s'%s"):format(name, meant and (" (did you mean '%s'?)"):format(meant) or ": 'setlab help lab' lists them"))
  end
  print(text)
  return 0
end

local TITLE = "# The words of a script\n\nEvery word, option and method of `lab`, from the declarations that calls are checked by. `setlab help WORD` prints one of them.\n\n"

local function whole(opts)
  local text = manual_markdown.text()
  if opts.markdown then io.stdout:write(text) end
  if opts.page then print(require "lab.page.file".prose("manual", TITLE .. text, (opts.page:gsub("(.)/+$", "%1")))) end
  return 0
end

function M.main(words)
  local opts, names = arguments.parse("setlab help", { words, flags = flags })
  if opts.page == "" then arguments.fail("setlab help", "--page needs a folder") end
  if opts.markdown or opts.page then
    if #names > 0 then arguments.fail("setlab help", "the whole manual has no place for a name") end
    return whole(opts)
  end
  if not names[1] then
    print(commands.overview())
    return 0
  end
  local command = commands.command(names[1])
  if command then
    print(command.help)
    return 0
  end
  -- "lab.set", "net:epochs"; "net" alone, where no command has that name
  if names[1]:find "^lab%f[.\0]" or names[1]:find "[:.]" or word_help.text(names[1]) then return word(names[1]) end
  local found = manual.search(names[1], 12)
  if #found == 0 then commands.unknown(names[1]) end
  print(("No command or word is called '%s'. Words that have it in their name or summary:\n"):format(names[1]))
  for _, name in ipairs(found) do print("       setlab help " .. name) end
  return 0
end

return M
