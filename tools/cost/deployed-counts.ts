/** What the stacks deploy whatever the configuration says; a test counts them in the synthesised templates. */
export const deployedCounts = {
  interfaceEndpoints: 4,
  /** Replicas in other regions are paid for like secrets. */
  secrets: 7,
  keys: 3,
  alarms: 87,
  /** Of Container Insights on the routers' cluster: 8 of a cluster, 11 of a service, 6 of a family of tasks (CloudWatch pricing). */
  routerMetrics: 25,
  /** The API's metrics by route, of each route: calls, two latencies, two kinds of errors, bytes. */
  metricsOfARoute: 6,
  dashboards: 1,
  firewallRules: 4,
  hostedZones: 2,
} as const
