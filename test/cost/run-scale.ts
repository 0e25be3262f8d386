/**
 * Simulates a month of a million trials on AWS, and keeps the figures for docs/scale.md: a minute or two.
 *
 *   npm run scale && npm run docs
 */

import { readStage } from './generate-cost.ts'
import { simulateMonths } from './scale-months.ts'
import { habitsOf } from './scale-page.ts'

simulateMonths(habitsOf(readStage()), (month) => console.log(JSON.stringify(month)))
