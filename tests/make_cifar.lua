-- make_cifar.lua: six files in the layout of CIFAR-10, made up: setlab test-file tests/make_cifar.lua FOLDER
-- The first 300 records of each are noise with the label's colour in it; the rest is a hole of zeros.
local folder, records, made = arg[1], 10000, 300
local seed = 1
local function byte()
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return seed >> 16 & 127
end
for i, name in ipairs { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" } do
  local file = assert(io.open(("%s/%s.bin"):format(folder, name), "wb"))
  for record = 1, made do
    local label, bytes = (record * 7 + i) % 10, {}
    for k = 1, 3072 do bytes[k] = string.char(byte() + (k % 10 == label and 120 or 0)) end
    file:write(string.char(label), table.concat(bytes))
  end
  file:seek("set", records * 3073 - 1)
  file:write "\0"
  file:close()
end
