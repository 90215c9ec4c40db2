(function () {
  "use strict";
  var root = document.documentElement;
  function note(message) {
    var before = root.dataset.errors ? root.dataset.errors + "\n" : "";
    root.dataset.errors = before + message;
  }
  window.addEventListener("error", function (event) { note(String(event.message)); });
  window.addEventListener("unhandledrejection", function (event) { note(String(event.reason)); });
})();
