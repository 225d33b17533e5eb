-- current.lua: the script that runs: { path =, text = }, or nil.

return { script = nil }
