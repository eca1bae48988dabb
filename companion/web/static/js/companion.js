/* What pages do beyond htmx: the keyboard of the search box, copying, the CSRF token, focus after a change.
   Every page works without this file. */

"use strict";

document.documentElement.classList.add("js");

/* --- htmx: every request carries the page's present token --- */

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.getElementById("csrf-token").content;
  event.detail.headers["X-CSRFToken"] = token;
  if (event.detail.verb === "post") {
    event.detail.parameters["csrf_token"] = token;
  }
});

/* --- a part of the page that renews itself: not while it is out of sight or somebody is at it --- */

let opened = new Map();

document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.detail.elt;
  if (live.matches("[data-live]")) {
    const marked = window.getSelection();
    const isMarked = marked && !marked.isCollapsed && live.contains(marked.anchorNode);
    if (document.hidden || live.querySelector(":active") || isMarked) {
      event.preventDefault();
    }
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.matches("[data-live]")) {
    opened = new Map(Array.from(event.detail.target.querySelectorAll("details[id]"), (each) => [each.id, each.open]));
  }
});

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, open] of opened) {
    const details = document.getElementById(id);
    if (details) {
      details.open = open;
    }
  }
  opened = new Map();
});

/* Without an answer at all there is no error page to show. */
document.addEventListener("htmx:sendError", () => {
  const words = document.getElementById("words");
  const notice = document.createElement("p");
  notice.className = "notice tone-red";
  notice.textContent = words.dataset.offline;
  document.getElementById("notices").replaceChildren(notice);
});

document.addEventListener("companion:focus", (event) => {
  const element = document.querySelector(event.detail.value);
  if (element) {
    element.focus({ preventScroll: true });
  }
});

/* Where there is little room, what is asked for more rarely waits folded: what is known of a customer beyond her name, so
   that her notes come first; the filters, so that the results do. */
for (const details of document.querySelectorAll("details[data-folds]")) {
  if (window.matchMedia(details.dataset.folds).matches) {
    details.open = false;
  }
}

/* --- the search box --- */

const box = document.getElementById("q");

function hits() {
  return Array.from(document.querySelectorAll("#results [role=option]"));
}

function chosenHit() {
  return document.querySelector("#results [aria-selected=true]");
}

function choose(hit) {
  const before = chosenHit();
  if (before) {
    before.setAttribute("aria-selected", "false");
  }
  if (hit) {
    hit.setAttribute("aria-selected", "true");
    hit.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", hit.id);
  } else {
    box.removeAttribute("aria-activedescendant");
  }
}

function closeResults() {
  document.getElementById("results").replaceChildren();
  document.getElementById("search-status").textContent = "";
  box.setAttribute("aria-expanded", "false");
  choose(null);
}

function move(step) {
  const all = hits();
  if (all.length) {
    const at = all.indexOf(chosenHit());
    choose(all[at === -1 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length]);
  }
}

const boxKeys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => {
    const hit = chosenHit();
    if (!hit) {
      return false; /* the form's own way: the page of results */
    }
    hit.click();
    return true;
  },
  Escape: () => {
    if (hits().length || document.getElementById("results").childElementCount) {
      closeResults();
    } else {
      box.value = "";
      box.blur();
    }
  },
};

if (box) {
  box.addEventListener("keydown", (event) => {
    const act = event.isComposing ? null : boxKeys[event.key];
    if (act && act() !== false) {
      event.preventDefault();
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "results") {
      box.setAttribute("aria-expanded", String(hits().length > 0));
      choose(hits()[0] || null);
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search") && box.closest(".bar")) {
      closeResults();
    }
  });
}

/* --- keys of the whole page --- */

function isTyping(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}

document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  /* By place as well as by letter: a Persian keyboard has the slash elsewhere. */
  if (plain && (event.key === "/" || event.code === "Slash") && box && !isTyping(event.target)) {
    event.preventDefault();
    box.focus();
    box.select();
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.tagName === "TEXTAREA") {
    event.target.form.requestSubmit();
  }
  if (event.key === "Escape") {
    const cancel = event.target.closest("form") && event.target.closest("form").querySelector("[data-cancel]");
    const menu = document.querySelector(".menu[open]");
    if (menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    } else if (cancel && event.target.value === event.target.defaultValue) {
      cancel.click();
    }
  }
});

/* --- copying, and a note about an order that is on the page --- */

function copied(button) {
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1500);
}

function copyText(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text);
  }
  /* Plain http elsewhere than on this machine has no clipboard object. */
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  return Promise.resolve();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    copyText(button.dataset.copy).then(() => copied(button));
  }
  const about = event.target.closest("[data-ref]");
  const choice = document.getElementById("ref");
  if (about && choice && Array.from(choice.options).some((option) => option.value === about.dataset.ref)) {
    event.preventDefault();
    choice.value = about.dataset.ref;
    document.getElementById("body").focus();
    document.getElementById("composer").scrollIntoView({ block: "center" });
  }
  const menu = document.querySelector(".menu[open]");
  if (menu && !menu.contains(event.target)) {
    menu.removeAttribute("open");
  }
});
