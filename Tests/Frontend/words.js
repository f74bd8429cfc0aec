/** All words of all pages, as each page puts its own together. */

import common from "../../Public/i18n/en.js";
import commonPtBR from "../../Public/i18n/pt-BR.js";
import lab from "../../Public/i18n/lab/en.js";
import labPtBR from "../../Public/i18n/lab/pt-BR.js";

export const en = { ...common, ...lab };
export const ptBR = { ...commonPtBR, ...labPtBR };
