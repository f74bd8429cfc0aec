// @ts-check
/** How the news reaches the page, put on the badge over the sheet and into the proof under it. */

/**
 * @param {import("./feed-machine.js").FeedMachine} machine
 * @param {import("./elements/transport-badge.js").TransportBadge} badge
 * @param {import("./elements/transport-badge.js").ProofLine} proof
 */
export function showFeed(machine, badge, proof) {
    const { state, choice, reason, candidate, current, wanted, ledger, resets } = machine;
    const transport = current?.transport ?? wanted;
    const isSwitch = candidate && candidate.transport !== transport && !candidate.climbing;
    const pending = isSwitch ? candidate.transport : null;
    badge.show({ state, choice, reason, transport, pending });
    const { events, lost, repeated, reordered } = ledger;
    proof.show({ events, lost, repeated, reordered, resets });
}
