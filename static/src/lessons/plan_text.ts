/** The plan as plain text in the manner of Markdown, made in the browser: for the day when the server cannot be asked. */

import { getSchema } from "@tiptap/core";
import type { Mark, Node } from "@tiptap/pm/model";
import { yXmlFragmentToProseMirrorRootNode } from "@tiptap/y-tiptap";

import { _ } from "../shared/words";
import type { PlanConfig } from "./config";
import { STEP_FIELDS, campusField, isEmpty, sectionField, sectionNames, stepField, stepFieldNames, type Plan, type Step } from "./plan";
import { schemaExtensions } from "./schema";

const SIGNS: Record<string, string> = { bold: "**", italic: "*", strike: "~~", code: "`" };

function marked(text: string, marks: readonly Mark[]): string {
  return marks.reduceRight((inner, mark) => {
    if (mark.type.name === "link") return `[${inner}](${String(mark.attrs["href"])})`;
    const sign = SIGNS[mark.type.name] ?? "";
    return sign + inner + sign;
  }, text);
}

function inline(block: Node): string {
  let line = "";
  block.forEach((node) => {
    switch (node.type.name) {
      case "inlineMath":
        line += `$${String(node.attrs["latex"])}$`;
        break;
      case "ruby":
        line += `${String(node.attrs["base"])}(${String(node.attrs["text"])})`;
        break;
      case "hardBreak":
        line += "\n";
        break;
      default:
        line += marked(node.text ?? "", node.marks);
    }
  });
  return line;
}

function indented(text: string, first: string, rest = " ".repeat(first.length)): string {
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? first : line === "" ? "" : rest) + line)
    .join("\n");
}

function listText(list: Node): string {
  const items: string[] = [];
  list.forEach((item, _offset, index) => {
    const ordered = list.type.name === "orderedList" ? `${Number(list.attrs["start"]) + index}. ` : "- ";
    const task = item.type.name === "taskItem" ? `- [${item.attrs["checked"] ? "x" : " "}] ` : ordered;
    items.push(indented(blocksText(item, "\n"), task));
  });
  return items.join("\n");
}

function tableText(table: Node): string {
  const rows: string[] = [];
  table.forEach((row, _offset, index) => {
    const cells: string[] = [];
    row.forEach((cell) => {
      cells.push(blocksText(cell, "<br>").replaceAll("\n", "<br>").replaceAll("|", "\\|"));
      for (let more = 1; more < Number(cell.attrs["colspan"]); more += 1) cells.push("");
    });
    rows.push(`| ${cells.join(" | ")} |`);
    if (index === 0) rows.push(`|${" --- |".repeat(cells.length)}`);
  });
  return rows.join("\n");
}

function blockText(block: Node): string {
  switch (block.type.name) {
    case "heading":
      return `${"#".repeat(Number(block.attrs["level"]) + 2)} ${inline(block)}`;
    case "bulletList":
    case "orderedList":
    case "taskList":
      return listText(block);
    case "blockquote":
      return indented(blocksText(block, "\n\n"), "> ", "> ");
    case "codeBlock":
      return `\`\`\`\n${block.textContent}\n\`\`\``;
    case "horizontalRule":
      return "---";
    case "table":
      return tableText(block);
    case "blockMath":
      return `$$\n${String(block.attrs["latex"])}\n$$`;
    case "image":
      return `![${String(block.attrs["alt"])}](resource:${String(block.attrs["resource"])})`;
    case "block":
      return String(block.attrs["data"]);
    default:
      return inline(block);
  }
}

function blocksText(parent: Node, between: string): string {
  const blocks: string[] = [];
  parent.forEach((block) => blocks.push(blockText(block)));
  return blocks.join(between);
}

/** The whole plan as text. */
export function planText(plan: Plan, config: Pick<PlanConfig, "layout" | "campuses">): string {
  const schema = getSchema(schemaExtensions);
  const text = (field: string): string =>
    isEmpty(plan.fragment(field)) ? "" : blocksText(yXmlFragmentToProseMirrorRootNode(plan.fragment(field), schema), "\n\n");

  const stepText = (step: Step, index: number): string => {
    const minutes = step.minutes === null ? "" : _("（{n} 分钟）", { n: step.minutes });
    const names = stepFieldNames();
    const parts = [`### ${index + 1}. ${step.title}${minutes}`];
    for (const field of STEP_FIELDS) {
      const content = text(stepField(step.id, field));
      if (content) parts.push(`**${names[field]}**\n\n${content}`);
    }
    for (const code of plan.campusesOf(step.id, config.campuses.map((campus) => campus.code))) {
      const campus = config.campuses.find((known) => known.code === code)?.name ?? code;
      parts.push(`**${_("{campus}的做法", { campus })}**\n\n${text(campusField(step.id, code))}`);
    }
    if (step.resources.trim()) parts.push(`**${_("资源")}**\n\n${step.resources.trim()}`);
    return parts.join("\n\n");
  };

  const parts = [`# ${plan.title || _("未命名教案")}`, _("{periods} 课时，每课时 {minutes} 分钟", { periods: plan.periods, minutes: plan.minutes })];
  const names = new Map([...sectionNames(), ...config.layout.map(({ key, name }) => [key, name] as const)]);
  const order = [...config.layout.map(({ key }) => key), ...[...sectionNames().keys()].filter((key) => !config.layout.some((place) => place.key === key))];
  for (const key of order) {
    const name = names.get(key) ?? key;
    if (key === "steps") parts.push(`## ${name}`, ...plan.steps().map(stepText));
    else if (key !== "title" && key !== "periods") {
      const content = text(sectionField(key));
      if (content) parts.push(`## ${name}`, content);
    }
  }
  return `${parts.join("\n\n")}\n`;
}

/** Gives the plan to the person as a file. */
export function exportPlan(plan: Plan, config: PlanConfig): void {
  const file = new Blob([planText(plan, config)], { type: "text/markdown;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${(plan.title || _("未命名教案")).replace(/[\\/:*?"<>|\s]+/g, "_")}_${_("本机导出")}.md`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
