/** A dialogue in which a resource of the library is chosen. */

import { openDialog } from "../shared/dialog";
import { element, settled } from "../shared/dom";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import { planFiles, type Choices } from "./plan_files";

const PAUSE = 250;

/** Lets the person choose; `chosen` puts the resource where it was asked for, and fails with a sentence. */
export function chooseResource(chosen: (resource: string) => Promise<void>): void {
  const words = element("input", { type: "search", maxlength: "60", autocomplete: "off", placeholder: _("按名称找"), "aria-label": _("按名称找资源") });
  const list = element("ul", { class: "resource-choices" });
  const news = element("p", { class: "hint", role: "status" });
  const back = element("button", { type: "button", class: "btn btn-sm", onclick: () => void show(page - 1) }, _("上一页"));
  const on = element("button", { type: "button", class: "btn btn-sm", onclick: () => void show(page + 1) }, _("下一页"));
  let page = 1;
  let asked = 0;

  const take = async (resource: string) => {
    close();
    try {
      await chosen(resource);
    } catch (problem) {
      toast((problem as Error).message);
    }
  };
  const draw = (found: Choices) => {
    page = found.page;
    list.replaceChildren(
      ...found.resources.map(({ resource, title, owner }) =>
        element("li", {}, element("button", { type: "button", onclick: () => void take(resource) }, element("span", {}, title), element("small", {}, owner))),
      ),
    );
    const none = words.value.trim() === "" ? _("资源库里还没有您能看到的资源。可以先上传文件。") : _("没有名称里带这些字的资源。");
    news.textContent = found.resources.length === 0 ? none : _("第 {page} 页，共 {pages} 页", { page, pages: found.pages });
    back.hidden = on.hidden = found.pages < 2;
    back.disabled = page <= 1;
    on.disabled = page >= found.pages;
  };
  const show = async (wanted: number) => {
    const question = (asked += 1);
    try {
      const found = await planFiles.choices(words.value.trim(), wanted);
      if (question === asked) draw(found);
    } catch (problem) {
      if (question === asked) news.textContent = (problem as Error).message;
    }
  };
  const search = settled(PAUSE, () => void show(1));
  words.addEventListener("input", search);
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    search.flush();
  });
  const close = openDialog({
    title: _("从资源库选"),
    body: element("div", { class: "choose-resource" }, words, list, element("div", { class: "choose-pages" }, news, back, on)),
  });
  words.focus();
  void show(1);
}
