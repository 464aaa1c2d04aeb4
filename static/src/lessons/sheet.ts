/** The sheet of paper: head of the plan, its sections in the order of the group's template, and the steps. */

import { eachFrame, element } from "../shared/dom";
import { _ } from "../shared/words";
import type { LayoutPlace, PlanConfig } from "./config";
import type { Fields } from "./fields";
import { bindInput } from "./inputs";
import { stepNumber } from "./numerals";
import type { OutlineItem } from "./outline";
import { isEmpty, sectionField, sectionNames, stepFieldNames, type Plan } from "./plan";
import { Steps } from "./steps";

const LENGTHS = [40, 45];

export class Sheet {
  readonly dom: HTMLElement;
  readonly steps: Steps;
  private readonly sections = element("div", { class: "sections" });
  private readonly shown = new Map<string, LayoutPlace>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly plan: Plan,
    private readonly fields: Fields,
    private readonly config: PlanConfig,
  ) {
    this.steps = new Steps(plan, fields, config);
    this.dom = element("article", { class: "sheet plan-sheet" }, this.head(), this.sections);
    for (const place of config.layout) if (place.kind !== "meta") this.add(place);
    this.addFilled();
    const changed = eachFrame(() => {
      this.addFilled();
      this.markEmpty();
      for (const listener of this.listeners) listener();
    });
    plan.doc.on("update", changed);
    this.markEmpty();
  }

  /** Calls `listener` after sections or steps have changed, at most once a frame. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** The lines of the outline. */
  outline(): OutlineItem[] {
    const chinese = this.config.language.startsWith("zh");
    return [...this.shown.values()].flatMap(({ key, name, kind }): OutlineItem[] => {
      if (kind === "text") {
        const field = sectionField(key);
        return [{ target: `part-${key}`, label: name, holds: (place) => place === field }];
      }
      const steps = this.plan.steps();
      const note = _("{planned}/{given} 分", { planned: this.plan.minutesPlanned(), given: this.plan.periods * this.plan.minutes });
      return [
        { target: `part-${key}`, label: name, note: steps.length > 0 ? note : "", holds: () => false },
        ...steps.map((step, index) => ({
          target: `step-${step.id}`,
          label: `${stepNumber(index + 1, chinese)} ${step.title || _("未命名的环节")}`,
          note: step.minutes === null ? "" : String(step.minutes),
          step: true,
          holds: (place: string) => place === `step:${step.id}` || place.startsWith(`step:${step.id}:`),
        })),
      ];
    });
  }

  /** What people call a place of the document, or null when it is not in the plan. */
  nameOf(place: string): string | null {
    if (place === "meta") return _("课题");
    const [kind, key = "", field = ""] = place.split(":");
    if (kind === "section") return this.shown.get(key)?.name ?? null;
    const steps = this.plan.steps();
    const index = steps.findIndex((step) => step.id === key);
    if (index < 0) return null;
    const step = steps[index]?.title || _("第{number}个环节", { number: index + 1 });
    const names: Record<string, string> = stepFieldNames();
    return names[field] ? `${step} · ${names[field]}` : step;
  }

  goTo(place: string): void {
    const [kind, key = ""] = place.split(":");
    const part = document.getElementById(kind === "section" ? `part-${key}` : kind === "step" ? `step-${key}` : "plan-head");
    part?.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  private head(): HTMLElement {
    const { plan, fields, config } = this;
    const { presence, sync } = fields.shared;
    const title = element("input", {
      type: "text", class: "plan-title", "aria-label": _("课题"), placeholder: _("课题"), maxlength: "120", autocomplete: "off",
      onfocus: () => presence.moveTo("meta"),
      onblur: () => presence.leave("meta"),
    }); // prettier-ignore
    const periods = element("input", { type: "number", min: "1", max: "40", inputmode: "numeric" });
    const minutes = element("select", {});
    const show = [
      bindInput(title, { read: () => plan.title, write: (value) => plan.setMeta("title", value.trim()) }),
      bindInput(periods, {
        read: () => String(plan.periods),
        write: (value) => plan.setMeta("periods", Math.max(1, Math.min(40, Math.round(Number(value)) || 1))),
      }),
      () => {
        const lengths = [...new Set([...LENGTHS, plan.minutes])].sort((a, b) => a - b);
        minutes.replaceChildren(...lengths.map((length) => element("option", { value: length, selected: length === plan.minutes }, String(length))));
      },
      () => {
        const writing = sync.mayWrite;
        title.readOnly = periods.readOnly = !writing;
        minutes.disabled = !writing;
      },
    ];
    minutes.addEventListener("change", () => plan.setMeta("minutes", Number(minutes.value)));
    const refresh = () => {
      for (const each of show) each();
    };
    plan.meta.observe(refresh);
    sync.onChange(show[3] ?? refresh);
    refresh();
    return element(
      "header",
      { id: "plan-head", tabindex: "-1" },
      title,
      element(
        "div",
        { class: "plan-meta" },
        config.place ? element("span", {}, config.place) : null,
        element("label", {}, periods, _("课时")),
        element("label", {}, _("每课时"), minutes, _("分钟")),
      ),
    );
  }

  private add(place: LayoutPlace): void {
    if (this.shown.has(place.key)) return;
    this.shown.set(place.key, place);
    const heading = element("h2", {}, place.name);
    if (place.required) heading.append(element("span", { class: "required-mark" }, _("必填")));
    const part = element("section", { class: "section", id: `part-${place.key}`, "data-section": place.key, tabindex: "-1" }, heading);
    if (place.kind === "steps") {
      heading.append(this.steps.sum);
      part.append(element("div", { class: "section-head" }, heading, this.steps.viewSwitch), this.steps.dom);
    } else {
      const hint = place.hint || _("写{label}", { label: place.name });
      part.append(this.fields.add({ name: sectionField(place.key), label: place.name, hint }).dom);
      part.addEventListener("click", (event) => {
        if (!(event.target as Element).closest(".text")) this.fields.get(sectionField(place.key))?.focus();
      });
    }
    this.sections.append(part);
  }

  /** Sections that are not in the template but hold something follow at the end; 其他 is always there. */
  private addFilled(): void {
    for (const [key, name] of sectionNames()) {
      if (this.shown.has(key)) continue;
      if (key === "other" || !isEmpty(this.plan.fragment(sectionField(key)))) {
        this.add({ key, name, hint: key === "other" ? _("上面放不下的内容写在这里") : "", required: false, kind: "text" });
      }
    }
  }

  private markEmpty(): void {
    for (const { key, kind } of this.shown.values()) {
      const empty = kind === "steps" ? this.plan.steps().length === 0 : isEmpty(this.plan.fragment(sectionField(key)));
      document.getElementById(`part-${key}`)?.classList.toggle("empty-section", empty);
    }
  }
}

