// Keeps a page that `setlab watch` serves up to date: asks for news, which the server answers when there is some,
// reloads a page that was woven anew at the place that was being read, and shows what is wrong or under way.
(function () {
  "use strict";
  var page = Number(document.currentScript.getAttribute("data-page"));
  var PLACE = "setlab-watch-place";

  function make(kind, name, parent, text) {
    var element = document.createElement(kind);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    if (parent) parent.appendChild(element);
    return element;
  }

  var style = make("style", "", document.head);
  style.textContent =
    ".home { display: none !important; }" +
    ".watch-bar { position: fixed; left: 0; right: 0; bottom: 0; z-index: 9; font: 13px/1.4 system-ui, sans-serif;" +
    " background: #fdfdfb; color: #222; border-top: 1px solid #bbb; padding: 5px 14px 6px; }" +
    ".watch-bar .how { float: right; color: #666; }" +
    ".watch-bar.gone { background: #fff3d6; }" +
    ".watch-track { height: 5px; margin: 4px 0 2px; background: #e3e3de; border-radius: 3px; overflow: hidden; }" +
    ".watch-track div { height: 100%; background: #0072b2; transition: width .3s; }" +
    ".watch-bar details { clear: both; color: #555; } .watch-bar summary { cursor: pointer; }" +
    ".watch-bar pre { margin: 3px 0; max-height: 11em; overflow: auto; white-space: pre-wrap; font-size: 12px; }" +
    ".watch-error { position: sticky; top: 0; z-index: 8; margin: 0; padding: 10px 16px; background: #fff1ee; color: #5c1408;" +
    " border-bottom: 3px solid #c8331b; font: 14px/1.45 system-ui, sans-serif; max-height: 55vh; overflow: auto; }" +
    ".watch-error b { display: block; } .watch-error pre { margin: 6px 0; white-space: pre-wrap; background: none; color: inherit; border: 0; padding: 0; }" +
    ".watch-error .at { background: #f7c9c0; display: block; } .watch-error .number { opacity: .6; display: inline-block; width: 3.5em; }" +
    "body { padding-bottom: 4em; }" +
    "@media (prefers-color-scheme: dark) { .watch-bar { background: #1c1f22; color: #ddd; border-color: #444; } .watch-bar .how, .watch-bar details { color: #aaa; }" +
    " .watch-track { background: #333; } .watch-bar.gone { background: #4a3a10; } .watch-error { background: #3a1510; color: #ffd9d0; } .watch-error .at { background: #6b2a1c; } }" +
    "@media print { .watch-bar, .watch-error { display: none; } }";

  var bar = make("div", "watch-bar", document.body);
  bar.setAttribute("role", "status");
  var how = make("span", "how", bar), what = make("span", "what", bar);
  var track = make("div", "watch-track", bar), filled = make("div", "", track);
  var more = make("details", "", bar);
  make("summary", "", more, "Last lines");
  var log = make("pre", "", more);
  var trouble = null;

  // ---- the place that is being read: the element with an id next above the window's middle ----

  function keepPlace() {
    var best = null, middle = window.innerHeight / 2;
    document.querySelectorAll("article [id]").forEach(function (e) {
      if (e.getBoundingClientRect().top <= middle) best = e;
    });
    var place = { y: window.scrollY, id: best && best.id, top: best && best.getBoundingClientRect().top, open: more.open };
    sessionStorage.setItem(PLACE, JSON.stringify(place));
  }

  function takePlace() {
    var text = sessionStorage.getItem(PLACE), place = text && JSON.parse(text);
    if (!place) return;
    sessionStorage.removeItem(PLACE);
    more.open = place.open;
    var element = place.id && document.getElementById(place.id);
    window.scrollTo(0, place.y);
    if (element) window.scrollBy(0, element.getBoundingClientRect().top - place.top);
  }

  // ---- what is under way ----

  function time(seconds) {
    if (seconds < 90) return Math.round(seconds) + " s";
    if (seconds < 5400) return Math.round(seconds / 60) + " min";
    return (seconds / 3600).toFixed(1) + " h";
  }

  function showProgress(news) {
    var p = news.progress, done = p && p.epochs ? (p.epoch - 1 + (p.fraction || 0)) / p.epochs : 0;
    track.style.display = news.state === "training" ? "" : "none";
    filled.style.width = 100 * Math.min(1, done) + "%";
    var words = "";
    if (news.state === "training" && p) {
      words = "Training " + (p.label || news.script) + ": epoch " + p.epoch + (p.epochs ? " of " + p.epochs : "");
      if (typeof p.loss === "number") words += ", loss " + p.loss.toPrecision(3);
      if (typeof p.accuracy === "number") words += ", accuracy " + (100 * p.accuracy).toFixed(1) + " %";
      if (typeof p.eta_seconds === "number") words += ", " + time(p.eta_seconds) + " left";
    } else if (news.state === "weaving") words = "Weaving " + news.script + " \u2026";
    else if (news.error) words = "Below the error is the last good page";
    else words = news.script + " is up to date" + (news.seconds ? ", woven in " + news.seconds.toFixed(2) + " s" : "");
    what.textContent = words;
    how.textContent = news.so_far ? "This page shows the runs as far as they have come" : "";
    more.style.display = news.log ? "" : "none";
    if (log.textContent !== news.log) log.textContent = news.log || "";
  }

  function showError(error) {
    if (trouble) trouble.remove();
    trouble = null;
    if (!error) return;
    trouble = make("section", "watch-error");
    trouble.setAttribute("role", "alert");
    make("b", "", trouble, error.line ? error.file + ", line " + error.line : "The page could not be woven");
    make("pre", "", trouble, error.message);
    var code = error.source && make("pre", "", trouble);
    (error.source || []).forEach(function (row) {
      var line = make("span", row.number === error.line ? "at" : "", code);
      make("span", "number", line, row.number);
      line.appendChild(document.createTextNode(row.text + (row.number === error.line ? "" : "\n")));
    });
    document.body.insertBefore(trouble, document.body.firstChild);
  }

  // ---- news ----

  var shown = "";
  function take(answer) {
    var news = answer.news, error = JSON.stringify(news.error || null);
    bar.classList.remove("gone");
    if (news.page > 0 && news.page !== page) {
      keepPlace();
      window.location.reload();
      return false;
    }
    if (error !== shown) showError(news.error);
    shown = error;
    showProgress(news);
    return true;
  }

  function ask(number) {
    fetch("/.setlab/news?since=" + number, { cache: "no-store" }).then(function (response) {
      if (!response.ok) throw new Error(response.status);
      return response.json();
    }).then(function (answer) {
      if (take(answer)) ask(answer.number);
    }).catch(function () {
      bar.classList.add("gone");
      what.textContent = "setlab watch has ended, or does not answer";
      track.style.display = "none";
      setTimeout(function () { ask(0); }, 1000);
    });
  }

  if ("scrollRestoration" in history) history.scrollRestoration = "manual";
  takePlace();
  ask(0);
})();
