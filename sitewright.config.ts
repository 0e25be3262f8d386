import { defineConfig } from './core/config/config.ts'

/** What an operator edits. Every value is checked at start; an error names the path, the value and what is allowed. */
export default defineConfig({
  brand: 'Sitewright',
  contact: 'hello@example.com',
  offeredBlueprints: ['welcome'],
  reservedSlugs: [],
  pool: { target: 3, buildsAtOnce: 2 },
  // Past these, and while operators have paused new trials, people wait on a list.
  trials: { mostLive: 1000, mostNewPerHour: 1000 },
  // What one client may take of what all share.
  clients: {
    connections: 10_000,
    connectionsPerSource: 1000,
    headSeconds: 10,
    requestSeconds: 3600,
    checkSeconds: 2,
    webSocketIdleSeconds: 120,
    roomForOthers: 1,
  },
  abuse: {
    signups: {
      address: [
        { limit: 10, minutes: 15 },
        { limit: 30, minutes: 1440 },
      ],
      mailDomain: [{ limit: 100, minutes: 60 }],
      network: [
        { limit: 40, minutes: 10 },
        { limit: 400, minutes: 1440 },
      ],
      everyone: [{ limit: 600, minutes: 1 }],
    },
    mails: {
      address: [
        { limit: 10, minutes: 15 },
        { limit: 30, minutes: 1440 },
      ],
      everyone: [{ limit: 600, minutes: 1 }],
    },
    codeTries: {
      address: [
        { limit: 20, minutes: 60 },
        { limit: 60, minutes: 1440 },
      ],
      network: [{ limit: 200, minutes: 10 }],
    },
    sharedMailDomains: [
      '163.com',
      'aol.com',
      'fastmail.com',
      'free.fr',
      'gmail.com',
      'gmx.at',
      'gmx.ch',
      'gmx.de',
      'gmx.net',
      'hotmail.co.uk',
      'hotmail.com',
      'hotmail.fr',
      'icloud.com',
      'libero.it',
      'live.com',
      'mail.com',
      'mail.ru',
      'me.com',
      'msn.com',
      'orange.fr',
      'outlook.com',
      'outlook.de',
      'pm.me',
      'posteo.de',
      'proton.me',
      'protonmail.com',
      'qq.com',
      't-online.de',
      'web.de',
      'wp.pl',
      'yahoo.co.jp',
      'yahoo.co.uk',
      'yahoo.com',
      'yahoo.de',
      'yahoo.fr',
      'yandex.ru',
      'zoho.com',
    ],
    limitLoopback: false,
    proofOfWork: { when: 'under-pressure', pressure: 0.5, cost: 5000, attempts: 1000, hardest: 16, minutes: 5 },
    refuseDisposableMail: false,
    disposableMailDomains: [],
  },
  // The part of one machine's memory that stays free (docs/sleep.md).
  capacity: { reserve: 0.1 },
  // How often sites that sleep may be woken by one client, of one site, in all, and by the button beyond these (docs/sleep.md).
  sleep: {
    wakes: {
      client: [
        { limit: 30, minutes: 10 },
        { limit: 150, minutes: 1440 },
      ],
      site: [{ limit: 20, minutes: 60 }],
      everyone: [{ limit: 300, minutes: 1 }],
      button: [{ limit: 6, minutes: 1 }],
      buttonOfClient: [{ limit: 10, minutes: 10 }],
    },
  },
  // For how long the audit log keeps its entries (docs/operators.md).
  audit: { retentionDays: 400 },
  // To change the policy, add one with the next version. Sites keep theirs until `npm run policy -- --move` moves them.
  trialPolicies: [
    {
      version: 1,
      trialDays: 14,
      reminderDaysBefore: [7, 3, 1],
      graceDays: 21,
      retentionDays: 90,
      warningDaysBefore: [14, 3],
      ownerExtensions: 1,
      extensionDays: 7,
      deletionDays: 7,
    },
  ],
  plans: [
    {
      id: 'trial',
      name: 'Trial',
      kind: 'trial',
      size: { cpu: 0.5, memoryMiB: 1024, processes: 128 },
      limits: {
        requestsPerMinute: 3000,
        bandwidthMiBPerMinute: 300,
        connections: 100,
        uploadMiB: 32,
        storageMiB: 256,
      },
      features: ['entries'],
      sleepAfterMinutes: 30,
    },
    {
      id: 'starter',
      name: 'Starter',
      kind: 'paid',
      prices: [
        { amount: 1900, currency: 'EUR', interval: 'month' },
        { amount: 19_000, currency: 'EUR', interval: 'year' },
        { amount: 2100, currency: 'USD', interval: 'month' },
        { amount: 21_000, currency: 'USD', interval: 'year' },
      ],
      size: { cpu: 0.5, memoryMiB: 1024, processes: 256 },
      limits: {
        requestsPerMinute: 12_000,
        bandwidthMiBPerMinute: 1200,
        connections: 300,
        uploadMiB: 128,
        storageMiB: 2048,
      },
      features: ['entries', 'customDomain'],
    },
    {
      id: 'growth',
      name: 'Growth',
      kind: 'paid',
      prices: [
        { amount: 7900, currency: 'EUR', interval: 'month' },
        { amount: 79_000, currency: 'EUR', interval: 'year' },
        { amount: 8900, currency: 'USD', interval: 'month' },
        { amount: 89_000, currency: 'USD', interval: 'year' },
      ],
      size: { cpu: 1, memoryMiB: 2048, processes: 512 },
      limits: {
        requestsPerMinute: 60_000,
        bandwidthMiBPerMinute: 6000,
        connections: 1000,
        uploadMiB: 512,
        storageMiB: 20_480,
      },
      features: ['entries', 'scorm', 'customDomain', 'export', 'environments'],
    },
    {
      id: 'enterprise',
      name: 'Enterprise',
      kind: 'enterprise',
      size: { cpu: 2, memoryMiB: 4096, processes: 1024 },
      limits: {
        requestsPerMinute: 300_000,
        bandwidthMiBPerMinute: 30_000,
        connections: 5000,
        uploadMiB: 2048,
        storageMiB: 102_400,
      },
      features: ['entries', 'scorm', 'customDomain', 'export', 'environments', 'customCode'],
    },
  ],
  // The names are of domains that nobody can register: put your own in before the first deploy (docs/deploy.md).
  stages: {
    production: {
      region: 'eu-central-1',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      console: {
        hostname: 'try.example.com',
        hostedZone: { id: 'Z00000000000000000001', name: 'example.com' },
      },
      sites: {
        domain: 'example.net',
        hostedZone: { id: 'Z00000000000000000002', name: 'example.net' },
      },
      mailFrom: 'no-reply@try.example.com',
      alarmContact: 'operations@example.com',
      network: '10.0.0.0/20',
      cells: [{ name: 'a', cidr: '10.1.0.0/17', sites: 4000 }],
      // What AWS grants your account (docs/deploy.md, Quotas).
      quotas: { roles: 5000, networkInterfaces: 5000, services: 5000, spotVcpus: 1000 },
      router: { cpu: 1, memoryMiB: 2048, least: 2, most: 20, requestsPerMinute: 60_000 },
    },
  },
})
