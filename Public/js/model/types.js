// @ts-check
/** What the server tells of a batch, as `docs/api.md` describes it. Members are absent until known. */

/** @typedef {"uploading" | "waiting" | "processing" | "ready" | "rejected" | "failed" | "cancelled"
 *             | "expired"} ImageState */
/** @typedef {{code: string, title?: string, detail?: string, limit?: number | string,
 *             actual?: number | string, status?: number, retryable?: boolean}} Problem why something
 *   was refused or failed: `code` is one of a closed set (`docs/api.md`) */
/** @typedef {{url: string, width: number, height: number, bytes: number,
 *             mediaType: string}} StoredRendition */
/** @typedef {{id: string, position: number, name: string, size: number, state: ImageState,
 *             mediaType?: string, width?: number, height?: number, sha256?: string,
 *             placeholder?: string, frames?: number, sameAs?: string, problem?: Problem,
 *             renditions?: Record<string, StoredRendition>}} Image `sameAs`: the image it is a copy of;
 *   `frames`: of an animation alone */
/** @typedef {{received?: number, attempt?: number, step?: number, steps?: number, stage?: string,
 *             rendition?: string, fraction?: number, expectedMs?: number}} Live what moves between two
 *   events: bytes held, and where the processing stands */
/** @typedef {{id?: string, createdAt?: string, expiresAt?: string, name?: string, state?: "open" | "settled",
 *             recipe?: {name?: string, renditions?: {name: string, metadata?: string}[]},
 *             images?: Record<string, Omit<Image, "id">>}} BatchDocument */
/** @typedef {{fileBytes: number, imagesPerBatch: number,
 *             recipe: import("./own-recipe.js").Bounds}} Limits */
/** @typedef {{limits: Limits, formats: {input: string[], output: string[]},
 *             recipes: Record<string, {renditions: object[]}>, faults?: string[]}} Capabilities
 *   `faults`: that the server makes on purpose, for the comparing page */

export {};
