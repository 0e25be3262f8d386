import { sweepTest } from './sweep-test.ts'

sweepTest('tear-down')
