// What floats: one popover in the top layer at a time (a bottom sheet where the card is narrow), the list that
// every token opens in it, and the tooltip.

class Floating {
  constructor(root, builder) {
    this.builder = builder;
    this.element = h("div.pop", { popover: "manual", role: "dialog", tabindex: "-1" });
    this.tip = h("div.tip", { popover: "manual", role: "tooltip", id: "tip" });
    root.append(this.element, this.tip);
    this.anchor = null;
    this.onclose = null;
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.place = this.place.bind(this);
    this.outside = this.outside.bind(this);
  }

  get open() {
    return this.anchor !== null;
  }

  show(anchor, label, content, { wide = false, onclose = null } = {}) {
    this.hide(false);
    this.untip();
    this.anchor = anchor;
    this.onclose = onclose;
    this.element.className = wide ? "pop wide" : "pop";
    set(this.element, { "aria-label": label });
    this.element.replaceChildren(content);
    set(anchor, { "aria-expanded": "true" });
    this.element.showPopover();
    this.place();
    window.addEventListener("resize", this.place);
    window.visualViewport?.addEventListener("resize", this.place);
    window.addEventListener("scroll", this.place, true);
    document.addEventListener("pointerdown", this.outside, true);
  }

  // Gives the focus back to the token unless a choice has sent it elsewhere.
  hide(refocus = true) {
    if (!this.open) return;
    const { anchor, onclose } = this;
    this.anchor = null;
    this.onclose = null;
    window.removeEventListener("resize", this.place);
    window.visualViewport?.removeEventListener("resize", this.place);
    window.removeEventListener("scroll", this.place, true);
    document.removeEventListener("pointerdown", this.outside, true);
    set(anchor, { "aria-expanded": "false" });
    if (refocus) anchor.focus({ preventScroll: true });
    this.element.hidePopover();
    this.element.replaceChildren();
    if (onclose) onclose();
  }

  outside(event) {
    const path = event.composedPath();
    if (!path.includes(this.element) && !path.includes(this.anchor)) this.hide(path.includes(this.builder.card));
  }

  place(event) {
    if (!this.open || (event && event.target === this.element)) return;
    if (event && event.composedPath && event.composedPath().includes(this.element)) return;
    const sheet = this.builder.narrow;
    this.element.classList.toggle("sheet", sheet);
    if (sheet) {
      // Above the keyboard of a phone, which covers what stands at the foot of the page.
      const seen = window.visualViewport;
      const covered = seen ? Math.max(0, window.innerHeight - seen.height - seen.offsetTop) : 0;
      this.element.style.cssText = covered > 1 ? `bottom:${covered}px;max-height:${seen.height * 0.9}px;` : "";
      return;
    }
    const box = this.anchor.getBoundingClientRect();
    const { offsetWidth: width } = this.element;
    const below = window.innerHeight - box.bottom - 14;
    const over = box.top - 14;
    const up = below < Math.min(this.element.scrollHeight, 380) && over > below;
    const left = Math.max(8, Math.min(box.left - 8, window.innerWidth - width - 8));
    this.element.style.cssText = `left:${left}px;max-height:${Math.max(180, Math.min(460, up ? over : below))}px;`;
    if (up) this.element.style.bottom = `${window.innerHeight - box.top + 6}px`;
    else this.element.style.top = `${box.bottom + 6}px`;
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    } else if (event.key === "Tab") {
      const stops = [...this.element.querySelectorAll("input, button, [tabindex='0']")].filter(
        (each) => !each.disabled && each.tabIndex >= 0 && each.offsetParent !== null,
      );
      const at = stops.indexOf(focused(this.builder.root));
      if (event.shiftKey && at <= 0) {
        event.preventDefault();
        this.hide();
      } else if (!event.shiftKey && at === stops.length - 1) this.hide();
    }
  }

  showTip(target) {
    const text = target.dataset.tip;
    if (!text || this.open) return;
    set(this.tip, { text });
    this.tip.showPopover();
    const box = target.getBoundingClientRect();
    const width = this.tip.offsetWidth;
    const left = Math.max(8, Math.min(box.left + box.width / 2 - width / 2, window.innerWidth - width - 8));
    const below = box.bottom + this.tip.offsetHeight + 12 < window.innerHeight;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${below ? box.bottom + 6 : box.top - this.tip.offsetHeight - 6}px`;
  }

  untip() {
    if (this.tip.matches(":popover-open")) this.tip.hidePopover();
  }
}

// A combobox over a listbox. `sections(query)` gives [{label, items: [{id, text, hint, icon, ticked, choose}]}] at
// once; who has to ask the server calls `refresh()` when the answer is there. In a `multi` list Enter and Space
// tick, and the list stays open. A `menu` is a list of things to do.
class List {
  constructor(floating, options) {
    this.floating = floating;
    this.options = options;
    this.items = [];
    this.active = null;
    this.walked = false;
    this.listbox = h("div.options", {
      role: options.menu ? "menu" : "listbox",
      id: "options",
      "aria-label": options.label,
      "aria-multiselectable": options.multi ? "true" : null,
      tabindex: options.search ? "-1" : "0",
    });
    this.input = options.search
      ? h("input.search", {
          type: "text",
          role: "combobox",
          "aria-label": options.label,
          "aria-controls": "options",
          "aria-expanded": "true",
          "aria-autocomplete": "list",
          autocomplete: "off",
          autocapitalize: "off",
          spellcheck: "false",
          dir: "auto",
          placeholder: options.placeholder || "",
        })
      : null;
    this.status = h("p.status", { hidden: true, role: "status" });
    this.side = options.side ? options.side(this) : null;
    this.foot = h("div.pop-foot", { hidden: true });
    const field = this.input ? h("div.field", {}, this.input, options.beside || null) : null;
    this.content = h(
      "div.list",
      {},
      field,
      h("div.columns", {}, this.side, h("div.found", {}, this.listbox, this.status)),
      this.foot,
    );
    (this.input || this.listbox).addEventListener("keydown", (event) => this.key(event));
    if (this.input) {
      this.input.addEventListener("input", () => {
        this.walked = false;
        this.active = null;
        this.refresh();
        if (options.typed) options.typed(this.query, this);
      });
      if (options.paste) {
        this.input.addEventListener("paste", (event) => {
          if (options.paste(event.clipboardData.getData("text/plain"), this)) event.preventDefault();
        });
      }
    }
    this.listbox.addEventListener("mousedown", (event) => event.preventDefault());
    this.listbox.addEventListener("click", (event) => {
      const option = event.target.closest(".option");
      if (option) this.choose(this.items[Number(option.dataset.index)]);
    });
    this.listbox.addEventListener("pointermove", (event) => {
      const option = event.target.closest(".option");
      if (option && event.movementX + event.movementY !== 0) this.activate(Number(option.dataset.index), false);
    });
  }

  open(anchor, query = "") {
    const { label, wide, foot, onclose } = this.options;
    if (this.input) this.input.value = query;
    this.floating.show(anchor, label, this.content, { wide, onclose });
    if (foot) {
      this.foot.hidden = false;
      this.foot.replaceChildren(...foot(this));
    }
    this.refresh();
    this.floating.place();
    (this.input || this.listbox).focus({ preventScroll: true });
    if (query && this.options.typed) this.options.typed(query, this);
    return this;
  }

  get query() {
    return this.input ? this.input.value : "";
  }

  refresh() {
    if (!this.content.isConnected) return;
    const sections = this.options.sections(this.query).filter((section) => section.items.length);
    this.items = sections.flatMap((section) => section.items);
    let index = 0;
    this.listbox.replaceChildren(
      ...sections.map((section) => {
        const head = section.label ? h("div.heading", { text: section.label, "aria-hidden": "true" }) : null;
        const options = section.items.map((item) => this.option(item, index++));
        return h("div.section", { role: "group", "aria-label": section.label || this.options.label }, head, ...options);
      }),
    );
    const kept = this.items.findIndex((item) => item.id === this.active);
    const likely = this.items.findIndex((item) => item.likely);
    this.activate(kept >= 0 ? kept : Math.max(0, likely), true);
    const said = this.options.status ? this.options.status(this.query, this.items.length) : this.items.length ? "" : "Nothing found";
    set(this.status, { text: said, hidden: !said });
  }

  option(item, index) {
    return h(
      item.className ? `div.option.${item.className}` : "div.option",
      {
        role: this.options.menu ? "menuitem" : "option",
        id: `option-${index}`,
        "data-index": index,
        "aria-selected": this.options.menu ? null : String(Boolean(item.ticked)),
        "aria-disabled": item.disabled ? "true" : null,
      },
      this.options.multi ? h("span.box", { "aria-hidden": "true" }, item.ticked ? icon("tick") : null) : null,
      item.icon ? icon(item.icon) : null,
      h("span.name", { text: item.text, dir: "auto", title: item.text.length > 40 ? item.text : null }),
      item.hint ? h("span.hint", { text: item.hint }) : null,
      !this.options.multi && item.ticked ? icon("tick") : null,
    );
  }

  activate(index, scroll) {
    const before = this.listbox.querySelector(".active");
    if (before) before.classList.remove("active");
    const item = this.items[index];
    const holder = this.input || this.listbox;
    this.active = item ? item.id : null;
    set(holder, { "aria-activedescendant": item ? `option-${index}` : null });
    if (!item) return;
    const option = this.listbox.querySelector(`#option-${index}`);
    option.classList.add("active");
    if (!scroll) return;
    const view = this.listbox;
    const top = option.offsetTop - (index === 0 ? 40 : 4);
    if (top < view.scrollTop) view.scrollTop = top;
    else if (option.offsetTop + option.offsetHeight + 4 > view.scrollTop + view.clientHeight) {
      view.scrollTop = option.offsetTop + option.offsetHeight + 4 - view.clientHeight;
    }
  }

  walk(by) {
    if (!this.items.length) return;
    const at = this.items.findIndex((item) => item.id === this.active);
    const next = Math.abs(by) === 1 ? (at + by + this.items.length) % this.items.length : Math.max(0, Math.min(this.items.length - 1, at + by));
    this.walked = true;
    this.activate(next, true);
  }

  choose(item) {
    if (!item || item.disabled) return;
    item.choose(this);
    if (!this.options.multi) return;
    this.active = item.id;
    this.refresh();
  }

  key(event) {
    const { key } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (this.options.category && (key === "ArrowLeft" || key === "ArrowRight")) {
        event.preventDefault();
        this.options.category(key === "ArrowRight" ? 1 : -1, this);
      }
      return;
    }
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (steps[key]) {
      event.preventDefault();
      this.walk(steps[key]);
    } else if (key === "Enter") {
      event.preventDefault();
      if (this.options.enter && this.options.enter(this)) return;
      this.choose(this.items.find((item) => item.id === this.active));
    } else if (key === " " && !this.input && !this.options.multi && Date.now() - (this.lettersAt || 0) < 700) {
      event.preventDefault();
      this.ahead(key);
    } else if (key === " " && (!this.input || (this.options.multi && (this.walked || !this.query)))) {
      event.preventDefault();
      this.choose(this.items.find((item) => item.id === this.active));
    } else if (!this.input && key === "Home") this.activate(0, true);
    else if (!this.input && key === "End") this.activate(this.items.length - 1, true);
    else if (!this.input && key.length === 1) this.ahead(key);
  }

  // Without a search field, letters go to the next option that begins with them.
  ahead(letter) {
    const now = Date.now();
    const more = now - (this.lettersAt || 0) < 700 ? this.letters + letter.toLowerCase() : "";
    const known = more && this.items.some((item) => item.text.toLowerCase().startsWith(more));
    this.letters = known ? more : letter.toLowerCase();
    this.lettersAt = now;
    const typed = this.letters;
    const at = this.items.findIndex((item) => item.id === this.active);
    const order = this.items.map((_, index) => (at + index + (typed.length > 1 ? 0 : 1)) % this.items.length);
    const found = order.find((index) => this.items[index].text.toLowerCase().startsWith(typed));
    if (found !== undefined) this.activate(found, true);
  }
}
