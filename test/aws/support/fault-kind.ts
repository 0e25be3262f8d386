/**
 * `reply-lost`: done, but the reply is lost; the client asks again. `throttled`: refused for as long as the function keeps
 * asking. `gone-before`, `gone-after`: the function ends before the call, or once it is done.
 */
export const faultKinds = ['reply-lost', 'throttled', 'gone-before', 'gone-after'] as const
export type FaultKind = (typeof faultKinds)[number]
