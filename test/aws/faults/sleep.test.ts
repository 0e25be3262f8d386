import { sweepTest } from './sweep-test.ts'

sweepTest('sleep')
