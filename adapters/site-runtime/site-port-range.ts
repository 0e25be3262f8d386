/**
 * The ports of sites on AWS: above what programs like to listen on by themselves, below what Linux takes for outgoing connections.
 */
export const sitePortRange = { first: 10_000, last: 32_767 } as const
