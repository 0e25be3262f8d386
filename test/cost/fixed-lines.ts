import { assumptions, deployedCounts } from './assumptions.ts'
import { type CostLine, costLine, taskLines } from './cost-line.ts'
import { type PricedStage, stageSetting } from './priced-stage.ts'

/** The monthly cost of one deployment without sites, with this many routers. */
export const fixedLines = (priced: PricedStage, routers = priced.stage.router.min): readonly CostLine[] => {
  const { stage } = priced
  const zones = stage.availabilityZones.length
  const zoneSetting = [stageSetting(priced, 'availabilityZones')]
  const routerSettings = ['min', 'max', 'requestsPerMinute'].map((field) => stageSetting(priced, `router.${field}`))
  const webAcls = stage.firewalls ? 1 : 0
  const firewallSetting = [stageSetting(priced, 'firewalls')]
  const watchedCells = stage.profile === 'standard' ? stage.cells.length : 0
  const hours = assumptions.hoursInMonth
  return [
    costLine('Load balancer', 'loadBalancer', hours),
    costLine('Load balancer: an address in each zone', 'publicAddress', zones * hours, zoneSetting),
    ...taskLines('Routers', stage.router, {
      tasks: routers,
      sizeSetting: stageSetting(priced, 'router.'),
      settings: routerSettings,
    }),
    costLine('Routers: addresses', 'publicAddress', routers * hours, routerSettings),
    costLine(
      'Endpoints for images, logs and parameters, in each of their zones',
      'endpoint',
      deployedCounts.interfaceEndpoints * Math.min(zones, stage.endpointZones) * hours,
      [...zoneSetting, stageSetting(priced, 'endpointZones')],
    ),
    costLine('Keys', 'key', deployedCounts.keys),
    costLine('Secrets', 'secret', deployedCounts.secrets),
    costLine('Alarms', 'alarm', deployedCounts.alarmMetrics + watchedCells * deployedCounts.alarmMetricsOfCell, [
      stageSetting(priced, 'profile'),
      stageSetting(priced, 'cells'),
    ]),
    costLine('Metrics of log lines', 'metric', (deployedCounts.logMetrics * assumptions.hoursOfALogMetric) / hours),
    costLine('Metrics of the routers', 'metric', stage.routerMetrics ? deployedCounts.routerMetrics : 0, [
      stageSetting(priced, 'routerMetrics'),
    ]),
    costLine('Operators', 'operator', assumptions.operators),
    costLine('Dashboard', 'dashboard', deployedCounts.dashboards),
    costLine('Firewall of the console', 'firewall', webAcls, firewallSetting),
    costLine('Firewall of the console: rules', 'firewallRule', webAcls * deployedCounts.firewallRules, firewallSetting),
    costLine('Firewall of sites', 'firewall', webAcls, firewallSetting),
    costLine(
      'Firewall of sites: rules',
      'firewallRule',
      webAcls * deployedCounts.firewallRulesOfSites,
      firewallSetting,
    ),
    costLine('Firewall of names', 'firewallDomain', deployedCounts.firewallDomains),
    costLine('Hosted zones', 'hostedZone', deployedCounts.hostedZones + stage.cells.length, [
      stageSetting(priced, 'cells'),
    ]),
    costLine('Images', 'imageStorage', assumptions.gigabytesOfImages),
  ]
}
