// @ts-check
/** What every part does with the document: finding and making elements, stamping templates, writing words. */

/**
 * The one of this kind; that it is there is the markup's promise.
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byID(id, kind) {
    const element = document.getElementById(id);
    if (element instanceof kind) return element;
    throw new Error(`no ${kind.name} with the id ${id}`);
}

/**
 * @template {Element} Kind
 * @param {ParentNode} root @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind} the first one
 */
export function find(root, selector, kind) {
    const element = root.querySelector(selector);
    if (element instanceof kind) return element;
    throw new Error(`no ${kind.name} for ${selector}`);
}

/** @param {string} id of a template @returns {DocumentFragment} a copy of what it holds */
export const stamp = (id) =>
    /** @type {DocumentFragment} */ (byID(id, HTMLTemplateElement).content.cloneNode(true));

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [members]
 * @param {(Node | string)[]} children
 */
export function make(tag, members = {}, ...children) {
    const element = Object.assign(document.createElement(tag), members);
    element.append(...children);
    return element;
}

/**
 * Text that is as it was is not written: each write has the browser lay the element out again.
 * @param {Element} element @param {string} text
 */
export function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/**
 * A button that is there no more takes the focus along, and the keys would go nowhere.
 * @param {HTMLElement} bar
 * @param {() => void} show what may hide the bar, or the button of it that has the focus
 * @param {{inside: string, outside: HTMLElement}} heirs who gets the focus then
 */
export function keepFocus(bar, show, { inside, outside }) {
    const focused = document.activeElement;
    const hadFocus = focused instanceof HTMLElement && bar.contains(focused);
    show();
    if (!hadFocus) return;
    if (bar.hidden) outside.focus();
    else if (focused.hidden) find(bar, inside, HTMLElement).focus();
}

/**
 * What an element of ours tells by a `CustomEvent`.
 * @param {EventTarget} target @param {string} type
 * @param {(detail: any) => unknown} act
 */
export const listen = (target, type, act) =>
    target.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
