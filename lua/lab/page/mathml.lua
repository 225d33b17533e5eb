-- mathml.lua: the TeX that students write, as MathML, which browsers draw by themselves.
--
-- A subset: scripts, \frac \sqrt \sum \prod \int, Greek, operators and relations, accents,
-- \left \right, \text, \mathbb. Anything else is not guessed: the TeX source is shown as it is.

local attempt = require "lab.util.attempt".call
local escape = require "lab.util.html".escape

local M = {}

local function words(text, into, tag)
  for name, sign in text:gmatch("(%S+)%s+(%S+)") do into[name] = { tag, sign } end
end

local commands = {}
words([[alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ
  mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω ell ℓ infty ∞
  Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω partial ∂ nabla ∇ emptyset ∅ hbar ℏ]], commands, "mi")
words([[cdot · times × div ÷ pm ± mp ∓ le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ propto ∝
  ll ≪ gg ≫ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ cup ∪ cap ∩ setminus ∖ to → rightarrow → leftarrow ←
  Rightarrow ⇒ Leftrightarrow ⇔ mapsto ↦ gets ← forall ∀ exists ∃ neg ¬ land ∧ lor ∨ odot ⊙ otimes ⊗ oplus ⊕
  circ ∘ ast ∗ star ⋆ mid | parallel ∥ perp ⊥ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lVert ‖
  rVert ‖ lvert | rvert | Vert ‖ vert | ldots … dots … cdots ⋯ vdots ⋮ prime ′ colon :]], commands, "mo")
words("{ { } } | ‖", commands, "mo")
words("% % $ $ # # & &amp; _ _", commands, "mi")
words("sum ∑ prod ∏ int ∫ bigcup ⋃ bigcap ⋂", commands, "big")
for name in ("log ln exp sin cos tan tanh sinh cosh det dim ker deg Pr"):gmatch("%a+") do commands[name] = { "fn", name } end
for name in ("max min argmax argmin lim sup inf"):gmatch("%a+") do commands[name] = { "limit", name } end
local spaces = { [","] = "0.17em", [":"] = "0.22em", [";"] = "0.28em", ["!"] = "-0.17em", [" "] = "0.33em", quad = "1em", qquad = "2em" }
local accents = { hat = "^", bar = "¯", overline = "¯", tilde = "~", dot = "˙", ddot = "¨", vec = "→", widehat = "^" }
local doubled = { R = "ℝ", N = "ℕ", Z = "ℤ", Q = "ℚ", C = "ℂ", E = "𝔼", P = "ℙ" }

-- The TeX as pieces: commands "\name", numbers, letters, signs; blanks only separate.
local function pieces(tex)
  local found, i = {}, 1
  while i <= #tex do
    local piece = tex:match("^\\%a+", i) or tex:match("^\\.", i) or tex:match("^%d+%.?%d*", i) or tex:match("^%s+", i)
                  or tex:match("^" .. utf8.charpattern, i) or tex:sub(i, i)
    local is_text = piece == "\\text" or piece == "\\mathrm" or piece == "\\operatorname" or piece == "\\textit" or piece == "\\mathit"
    local inside = is_text and tex:match("^%s*(%b{})", i + #piece)
    if inside then
      found[#found + 1] = { text = inside:sub(2, -2) }
      i = (select(2, tex:find("^%s*%b{}", i + #piece))) + 1
    else
      if not piece:find("^%s") then found[#found + 1] = piece end
      i = i + #piece
    end
  end
  return found
end

local Reader = {}
Reader.__index = Reader

function Reader:fail(what) error({ tex = what }, 0) end

function Reader:take()
  self.at = self.at + 1
  return self.list[self.at - 1]
end

-- A group in braces or a single atom: what an argument, an exponent or an index is.
function Reader:argument()
  local piece = self:take()
  if piece == nil then self:fail("an argument is missing") end
  if type(piece) == "string" and piece:find("^%d.") then  -- \frac12 is a half: one digit each
    self.at = self.at - 1
    self.list[self.at] = piece:sub(2)
    piece = piece:sub(1, 1)
  end
  return (self:atom(piece))
end

function Reader:fence()
  local piece = self:take()
  if piece == "." then return "" end
  local known = type(piece) == "string" and commands[piece:match("^\\(.+)$") or ""]
  local sign = known and known[1] == "mo" and known[2] or type(piece) == "string" and piece:match("^[()%[%]|/]$")
  if not sign then self:fail("a bracket is expected") end
  return '<mo stretchy="true">' .. escape(sign) .. "</mo>"
end

local structures = {}
function structures.frac(r) return "<mfrac>" .. r:argument() .. r:argument() .. "</mfrac>" end
structures.dfrac, structures.tfrac = structures.frac, structures.frac
function structures.sqrt(r)
  if r.list[r.at] ~= "[" then return "<msqrt>" .. r:argument() .. "</msqrt>" end
  r:take()
  local degree = "<mrow>" .. r:row("]") .. "</mrow>"
  return "<mroot>" .. r:argument() .. degree .. "</mroot>"
end
function structures.left(r)
  local opening = r:fence()
  local inside = r:row("\\right")
  return "<mrow>" .. opening .. inside .. r:fence() .. "</mrow>"
end
function structures.mathbb(r)
  local letter = r:argument():match("<mi>(%a)</mi>")
  return doubled[letter] and "<mi>" .. doubled[letter] .. "</mi>" or r:fail("no such double letter")
end
function structures.mathbf(r) return '<mstyle style="font-weight:bold">' .. r:argument() .. "</mstyle>" end
structures.boldsymbol = structures.mathbf
function structures.mathcal(r) return '<mstyle style="font-style:italic;font-family:cursive">' .. r:argument() .. "</mstyle>" end
for name, sign in pairs(accents) do
  structures[name] = function(r) return '<mover accent="true">' .. r:argument() .. "<mo>" .. sign .. "</mo></mover>" end
end

-- One atom, and whether its scripts stand above and below it in a display.
function Reader:atom(piece)
  if type(piece) == "table" then return "<mtext>" .. escape(piece.text) .. "</mtext>" end
  if piece == "{" then return "<mrow>" .. self:row("}") .. "</mrow>" end
  local name = piece:match("^\\(.+)$")
  if name then
    if structures[name] then return structures[name](self) end
    if spaces[name] then return ('<mspace width="%s"/>'):format(spaces[name]) end
    local known = commands[name]
    if not known then self:fail("\\" .. name .. " is not known") end
    local kind, sign = known[1], known[2]
    if kind == "big" then return '<mo class="big" largeop="false" movablelimits="false">' .. sign .. "</mo>", self.display end
    if kind == "fn" then return '<mi mathvariant="normal">' .. sign .. '</mi><mspace width="0.17em"/>' end
    if kind == "limit" then return "<mo>" .. sign .. "</mo>", self.display end
    return ("<%s>%s</%s>"):format(kind, sign, kind)
  end
  if piece:find("^%d") then return "<mn>" .. piece .. "</mn>" end
  if piece:find("^%a$") or (#piece > 1 and not piece:find("^%p")) then return "<mi>" .. piece .. "</mi>" end
  if piece == "&" or piece == "}" or piece == "#" or piece == "~" then self:fail(piece .. " is not expected") end
  if piece == "-" then return "<mo>−</mo>" end
  if piece == "'" then return "<mo>′</mo>" end
  return (piece:find("^[()%[%]|]$") and '<mo stretchy="false">' or "<mo>") .. escape(piece) .. "</mo>"
end

-- Atoms with their scripts, up to `stop` (or to the end if stop is nil).
function Reader:row(stop)
  local out = {}
  while true do
    local piece = self:take()
    if piece == stop then return table.concat(out) end
    if piece == nil then self:fail("'" .. stop .. "' is missing") end
    if piece == "^" or piece == "_" then self:fail("a base is missing") end
    local base, above = self:atom(piece)
    local sub, sup
    while self.list[self.at] == "^" or self.list[self.at] == "_" or self.list[self.at] == "'" do
      local sign = self:take()
      if sign == "_" then
        if sub then self:fail("two indices") end
        sub = self:argument()
      else
        if sup then self:fail("two exponents") end
        sup = sign == "'" and "<mo>′</mo>" or self:argument()
      end
    end
    if sub or sup then
      base = base:gsub('<mspace [^>]*>$', "")  -- log_2: no gap before the index
      local tag = above and (sub and sup and "munderover" or sub and "munder" or "mover")
                  or (sub and sup and "msubsup" or sub and "msub" or "msup")
      base = ("<%s>%s%s%s</%s>"):format(tag, base, sub or "", sup or "", tag)
    end
    out[#out + 1] = base
  end
end

-- The formula as HTML: <math>, or the TeX source in <code class="math"> when it holds what
-- is not known here.
function M.html(tex, display)
  local reader = setmetatable({ list = pieces(tex), at = 1, display = display }, Reader)
  local ok, row = attempt(reader.row, reader, nil)
  if not ok then
    if type(row) ~= "table" then error(row, 0) end
    return '<code class="math">' .. escape(tex) .. "</code>"
  end
  return ('<math%s><semantics><mrow>%s</mrow><annotation encoding="application/x-tex">%s</annotation></semantics></math>')
    :format(display and ' display="block"' or "", row, escape(tex))
end

return M
