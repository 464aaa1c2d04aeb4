/** The sheet of keyboard shortcuts, opened by `?` outside a text or from the menu of the page. */

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { _ } from "../shared/words";
import { blocks, inserts, marks, others, paragraphs, type Command } from "./commands";

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function keysOf(keys: string): HTMLElement {
  const parts = (mac ? keys.replace("Ctrl", "⌘").replace("Alt", "⌥") : keys).split("+");
  return element("dd", {}, ...parts.map((part) => element("kbd", {}, part)));
}

function lines(commands: readonly Command[]): readonly (readonly [string, string])[] {
  return commands.flatMap(({ label, keys }) => (keys ? [[label, keys] as const] : []));
}

export function showShortcuts(): void {
  const groups: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      _("整份教案"),
      [
        [_("撤销（只撤自己的）"), "Ctrl+Z"],
        [_("重做"), "Ctrl+Y"],
        [_("插入菜单"), "/"],
        [_("环节上移、下移"), "Alt+↑↓"],
        [_("到工具栏"), "Alt+F10"],
        [_("这张表"), "?"],
      ],
    ],
    [_("文字"), lines(marks)],
    [_("段落"), lines([...paragraphs, ...blocks])],
    [_("插入"), lines([...inserts, ...others])],
  ];
  openDialog({
    title: _("键盘快捷键"),
    body: element(
      "div",
      { class: "shortcuts" },
      ...groups.map(([name, entries]) =>
        element(
          "section",
          {},
          element("h3", {}, name),
          element("dl", {}, ...entries.map(([label, keys]) => element("div", {}, element("dt", {}, label), keysOf(keys)))),
        ),
      ),
    ),
  });
}
