import * as z from 'zod'

export const clientLimitsSchema = z.strictObject({
  /** Open connections of all clients. Beyond them the one that is idle longest is closed. */
  connections: z.int().min(100).max(100_000).default(10_000),
  /** Open connections of one IPv4 address or IPv6 /64. Trusted proxies are exempt. */
  connectionsPerSource: z.int().min(10).max(100_000).default(1000),
  headSeconds: z.int().min(1).max(60).default(10),
  requestSeconds: z.int().min(60).max(86_400).default(3600),
  /** How often requests are checked against these two. */
  checkSeconds: z.int().min(1).max(30).default(2),
  /** How long a WebSocket may be silent. A blueprint can allow more, up to the 600 s of load balancer and CloudFront. */
  webSocketIdleSeconds: z.int().min(10).max(600).default(120),
  /** The room above a plan's limits for clients below their fair share, as a part of the limit; 0 turns shares off. */
  roomForOthers: z.number().min(0).max(1).default(1),
  /** How long a router works on what arrives before the rest waits in line, those who used least processor time first. */
  turnMilliseconds: z.int().min(1).max(100).default(1),
})
export type ClientLimits = z.infer<typeof clientLimitsSchema>
