// @ts-check
/** What every part does with the document: finding elements, stamping templates, writing words. */

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
 * Text that is as it was is not written: each write has the browser lay the element out again.
 * @param {Element} element @param {string} text
 */
export function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/**
 * What an element of ours tells by a `CustomEvent`.
 * @param {EventTarget} target @param {string} type
 * @param {(detail: any) => unknown} act
 */
export const listen = (target, type, act) =>
    target.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
