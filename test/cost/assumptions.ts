/** The assumptions of the bill that are not in the configuration. The page states them all; change them here for another bill. */
export const assumptions = {
  hoursInMonth: 730,
  daysInMonth: 730 / 24,
  /** The requests to a site, and the average size of an answer. */
  requestsOfTrialADay: 200,
  requestsOfPaidSiteADay: 5000,
  kilobytesAnAnswer: 20,
  /** How often somebody begins to use a trial, and for how long. Between two uses it sleeps. */
  sessionsOfTrialADay: 1,
  minutesOfASession: 20,
  /** The ratio of the busiest minute to the average one. */
  peakFactor: 10,
  /** The share of its plan's storage that a site uses, and the share of that which was used within the last month. */
  storageUsed: 0.1,
  storageTouched: 0.25,
  /** A task with exclusive data renews its lease: it opens and reads a file, and opens and writes another. EFS counts 4 KiB for each. */
  kilobytesOfARenewalEachWay: 8.192,
  /** Bytes moved to and from the file system for each byte of answers. */
  fileTrafficOfAnswers: 0.1,
  megabytesOfLogsADay: 1,
  /** A site's own items, its events, its lead, and their entries in the indexes. */
  kilobytesInTables: 55,
  kilobytesOfALead: 3,
  /** How many systems of sales get webhooks. */
  webhookEndpoints: 1,
  /** Visits of the pages of offers for each sign-up. */
  visitsOfASignUp: 20,
  /** The hourly run that writes the files of reports. */
  gigabyteSecondsOfAReportRun: 10,
  /** From CreateService to the first healthy answer: image, network interface, start of the application. */
  secondsToStartASite: 45,
  /** A task of the archiver: its image is pulled, and a site's data is packed, read or added up. */
  minutesOfAJob: 1.5,
  /** One consistent read of one small item by a function in the region. */
  secondsOfARead: 0.005,
  functionMemoryGb: 0.5,
  secondsOfACall: 0.1,
  kilobytesOfLogsACall: 1.5,
  gigabytesOfImages: 2,
  /** Hours in which a metric of log lines has a figure. CloudWatch charges for these alone, and alarming lines are rare. */
  hoursOfALogMetric: 10,
  /** Staff who sign in within a month. */
  operators: 5,
} as const

/** What the stacks deploy whatever the configuration says; a test counts them in the synthesised templates. */
export const deployedCounts = {
  interfaceEndpoints: 4,
  /** Replicas in other regions are paid for like secrets. */
  secrets: 8,
  keys: 3,
  /** Each alarm is paid for by the metrics that it reads. */
  alarmMetrics: 153,
  /** Those of each cell of a stage that is not small. */
  alarmMetricsOfCell: 3,
  /** Metrics that filters make of log lines. */
  logMetrics: 25,
  /** Metrics of Container Insights for the routers: 8 of a cluster, 11 of a service, 6 of a task family (CloudWatch pricing). */
  routerMetrics: 25,
  dashboards: 1,
  firewallRules: 5,
  firewallRulesOfSites: 3,
  /** In the lists of the firewall of names. */
  firewallDomains: 8,
  /** The cells have one more each. */
  hostedZones: 2,
} as const
