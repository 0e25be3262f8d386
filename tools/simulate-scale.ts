/**
 * Simulates a month of a million trials on AWS, and keeps the figures for docs/scale.md: a quarter of an hour.
 *
 *   npm run scale && npm run docs
 */
import { simulateMonths } from './cost/scale-months.ts'
import { habitsOf } from './cost/scale-page.ts'
import { readStage } from './generate-cost.ts'

simulateMonths(habitsOf(readStage()), (month) => console.log(JSON.stringify(month)))
