-- Prose as HTML: the Markdown library as it is bound, formulas, headings, pictures, colours.

local t = dofile "tests/harness.lua"
local binding = require "lab.c.markdown"
local markdown = require "lab.page.markdown"
local mathml = require "lab.page.mathml"
local base64 = require "lab.util.base64"
local highlight = require "lab.page.highlight"

local function html(text)
  return (markdown.html(text, { used = {}, headings = {}, directory = "" }):gsub("\n$", ""))
end
local function has(text, piece) t.truthy(text:find(piece, 1, true), "no " .. piece .. " in: " .. text) end
local function lacks(text, piece) t.truthy(not text:find(piece, 1, true), piece .. " in: " .. text) end

t.test("the GitHub dialect", function()
  t.equal(html "a *b* **c** `d` ~~e~~", "<p>a <em>b</em> <strong>c</strong> <code>d</code> <del>e</del></p>")
  has(html "| a | b |\n|---|--:|\n| 1 | 2 |", '<td align="right">2</td>')
  has(html "- [x] done", 'type="checkbox"')
  has(html "see https://example.org/x", '<a href="https://example.org/x">')
end)

t.test("raw HTML and scripts in links are text", function()
  t.equal(html "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")
  lacks(html "<img src=x onerror=alert(1)>", "<img")
  lacks(html "[x](javascript:alert(1)) [y](JavaScript:alert(1)) [z](vbscript:x)", "cript:")
end)

t.test("values to come and references stay as they stand", function()
  t.equal(html "`{lua} 1 + 1` of @fig-x", "<p><code>{lua} 1 + 1</code> of @fig-x</p>")
end)

t.test("empty, large and odd texts", function()
  t.equal(binding.html "", "")
  local long = ("word "):rep(40000)
  t.equal(#binding.html(long) > 190000, true)
  has(binding.html "a\0b", "a")
  has(html "caf\xe9", "caf")
  t.raises("bad argument #1", binding.html, {})
end)

t.test("headings get ids, each once, and are listed", function()
  local context = { used = { text = true }, headings = {}, directory = "" }
  local out = markdown.html("# What *SET* does, in short\n\n## Text\n\n## Text\n\n## Größe $\\alpha$\n\n## ***", context)
  local ids = {}
  for i, h in ipairs(context.headings) do ids[i] = h.level .. h.id end
  t.equal(ids, { "1what-set-does-in-short", "2text-2", "2text-3", "2größe-α", "2section" })
  has(out, '<h2 id="text-3">Text</h2>')
end)

t.test("formulas", function()
  local function m(tex) return (mathml.html(tex):match("<semantics>(.*)<annotation")) end
  t.equal(m "x_i^2", "<mrow><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow>")
  t.equal(m "x^2_i", m "x_i^2")
  t.equal(m "\\frac{1}{2}", "<mrow><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac></mrow>")
  t.equal(m "\\frac12 3", "<mrow><mfrac><mn>1</mn><mn>2</mn></mfrac><mn>3</mn></mrow>")
  t.equal(m "x^10", "<mrow><msup><mi>x</mi><mn>1</mn></msup><mn>0</mn></mrow>")
  t.equal(m "\\log_2 x", '<mrow><msub><mi mathvariant="normal">log</mi><mn>2</mn></msub><mi>x</mi></mrow>')
end)

t.test("formulas: commands that students use", function()
  for _, tex in ipairs { "\\alpha \\cdot \\beta \\times \\Gamma", "a \\le b \\ge c \\ne d \\approx e", "x \\in \\mathbb{R}^{n}", "\\sqrt{x} \\sqrt[3]{y}",
      "\\sum_{i=1}^n x_i", "\\log x, \\log_2 x", "\\left( \\frac{a}{b} \\right]", "\\hat w \\bar{x} \\vec v", "\\max_i x_i", "50\\,\\%", "\\{1, \\dots, n\\}",
      "\\text{nnz}(W)", "x'", "f(x) = |x|", "\\mathbf{w}", "n_{\\mathrm{in}}", "1.5 - 2", "\\|w\\|_2", "\\lfloor x \\rfloor", "\\partial L / \\partial w" } do
    local out = mathml.html(tex)
    t.truthy(out:find("^<math>"), tex .. " -> " .. out)
    local depth = {}
    for close, name, self in out:gmatch("<(/?)(%a+)[^<>]-(/?)>") do
      if close == "/" then t.equal(table.remove(depth), name) elseif self ~= "/" then depth[#depth + 1] = name end
    end
    t.equal(#depth, 0)
  end
end)

t.test("formulas that are not known show their source", function()
  for _, tex in ipairs { "\\foo", "{a", "a}", "x^", "_2", "a & b", "\\frac{1}", "\\begin{matrix}", "x_1_2", "\\left( x", "\\sqrt[3" } do
    t.equal(mathml.html(tex), '<code class="math">' .. require("lab.util.html").escape(tex) .. "</code>")
  end
  has(html "$a < b$", "<mo>&lt;</mo>")
  has(html "$$x$$", '<math display="block">')
  lacks(html "costs $5 and more", "<math")
end)

-- A text with its formulas in brackets: [tex], [[tex]] of its own line.
local function with_formulas(text)
  return (html(text):gsub("<math( ?[^>]*)>.-<annotation[^>]*>(.-)</annotation></semantics></math>", function(display, tex)
    return display == "" and "[" .. tex .. "]" or "[[" .. tex .. "]]"
  end):gsub("</?p>", ""))
end

t.test("dollars of formulas, and of money, shells and code", function()
  for text, want in pairs {
    ["Renting costs $5 an hour, and $6 with a disk."] = "Renting costs $5 an hour, and $6 with a disk.",
    ["Set $HOME and $PATH first; `$x$` is code, $x^2$ a formula."] = "Set $HOME and $PATH first; <code>$x$</code> is code, [x^2] a formula.",
    ["From $10-$20 to US$5, 3$ and 4$."] = "From $10-$20 to US$5, 3$ and 4$.",
    ["price 5$/h or 6$/h (5$, 6$)"] = "price 5$/h or 6$/h (5$, 6$)",
    ["$5 is not $x$ but $6"] = "$5 is not [x] but $6",
    ["$ x$, $x $, $x$5"] = "$ x$, $x $, $x$5",
    ["*$5* and *$6*"] = "<em>$5</em> and <em>$6</em>",
    ["**$x$**y"] = "<strong>[x]</strong>y",
    ["\\$5 and $x\\$y$, \\\\$x$"] = "$5 and [x\\$y], \\[x]",
    ["n$x$, 2$x$, $a$$b$, ($x$)-axis"] = "n[x], 2[x], [a][b], ([x])-axis",
    ["$a_1$ and $c_2$, $-1$ to $+1$"] = "[a_1] and [c_2], [-1] to [+1]",
    ["$a\nb$ and $a\n\nb$"] = "[a b] and $a\nb$",
    ["$$x$$, $$ x\n+ y $$, $$$, $$ and $"] = "[[x]], [[x + y]], $$$, $$ and $",
    ["> $$\n> a\n> $$"] = "<blockquote>\n[[a]]\n</blockquote>",
    ["``a ` $x$`` `$y` $z$"] = "<code>a ` $x$</code> <code>$y</code> [z]",
    ["[a](http://x/$y), [b](http://x/$z), [$c$](d)"] = '<a href="http://x/$y">a</a>, <a href="http://x/$z">b</a>, <a href="d">[c]</a>',
    ["see https://x.y/$a$ and <https://x.y/$b$c>"] = 'see <a href="https://x.y/$a$">https://x.y/$a$</a> and <a href="https://x.y/$b$c">https://x.y/$b$c</a>',
    ["a \2" .. "1\3 b $x$"] = "a \u{FFFD}1\u{FFFD} b [x]",
  } do t.equal(with_formulas(text), want) end
end)

t.test("dollars in blocks of code, lists and tables", function()
  t.equal(with_formulas "```sh\necho $a$\n\necho $b$\n```\n$c$", '<pre class="code" tabindex="0"><code class="language-sh">echo $a$\n\necho $b$\n</code></pre>\n[c]')
  t.equal(with_formulas "    $a$ < $b$\n\n$c$", '<pre class="code" tabindex="0"><code>$a$ &lt; $b$\n</code></pre>\n[c]')
  has(with_formulas "- costs $5\n- costs 6$\n- $x$", "<li>costs $5</li>\n<li>costs 6$</li>\n<li>[x]</li>")
  has(with_formulas "1. for $x\n2. and y$", "<li>for $x</li>\n<li>and y$</li>")
  local rows = with_formulas "| a | b |\n|---|---|\n| $5 | $6 |\n|$a|$b|\n| $p(y\\|x)$ | $c$ |"
  has(rows, "<td>$5</td>\n<td>$6</td>")
  has(rows, "<td>$a</td>\n<td>$b</td>")
  has(rows, "<td>[p(y|x)]</td>\n<td>[c]</td>")
  has(html "![of $x$](http://a.b/c.png)", ">of ")
end)

t.test("base64", function()
  for bytes, want in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", ["\255\254\0\1\2"] = "//4AAQI=" } do
    t.equal(base64.encode(bytes), want)
  end
  t.equal(#base64.encode(("x"):rep(300001)), 400004)
end)

t.test("pictures come into the page, those of the network do not", function()
  local dir = t.tmpdir()
  t.write(dir .. "/p.png", "foo")
  local context = { used = {}, headings = {}, directory = dir .. "/" }
  has(markdown.html("![a map](p.png)", context), '<img src="data:image/png;base64,Zm9v" alt="a map">')
  has(markdown.html("![a map](q.png)", context), "[picture not found: q.png]")
  lacks(markdown.html("![a map](https://example.org/p.png)", context), "<img")
  has(markdown.html("![a map](https://example.org/p.png)", context), '<a href="https://example.org/p.png">a map</a>')
end)

t.test("Lua code gets classes and loses nothing", function()
  local code = "local x <const> = f { 'a<b', 1e3 } -- c & d\nreturn x.y[ [[z]] ], not nil"
  local out = highlight.html(code)
  t.equal((markdown.plain(out)), code)
  has(out, '<span class="k">local</span>')
  has(out, '<span class="f">f</span>')
  has(out, '<span class="s">\'a&lt;b\'</span>')
  has(out, '<span class="c">-- c &amp; d</span>')
  has(out, '<span class="n">1e3</span>')
  has(html "```lua\nlocal x\n```", '<span class="k">local</span>')
  has(html "```\nlocal x\n```", "<code>local x")
end)

t.done()
