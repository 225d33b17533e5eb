// The page is complete without this: it marks the section being read in the side contents
// and opens what is folded before printing.
(function () {
  var links = {};
  document.querySelectorAll(".side a[href^='#']").forEach(function (a) {
    links[decodeURIComponent(a.getAttribute("href").slice(1))] = a;
  });
  var headings = Array.prototype.filter.call(document.querySelectorAll("article h1, article h2, article h3"), function (h) {
    return links[h.id];
  });
  var waiting = false;
  function mark() {
    waiting = false;
    var current = null;
    headings.forEach(function (h) { if (h.getBoundingClientRect().top < window.innerHeight / 4) current = h; });
    Object.keys(links).forEach(function (id) {
      if (current && id === current.id) links[id].setAttribute("aria-current", "true");
      else links[id].removeAttribute("aria-current");
    });
  }
  window.addEventListener("scroll", function () {
    if (!waiting) { waiting = true; window.requestAnimationFrame(mark); }
  }, { passive: true });
  mark();
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open]):not(.contents)"));
    opened.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });
})();
