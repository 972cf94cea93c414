import { differences, holdsTools, identityDifferences, unpinned } from './pins.ts'
import { findingsIn } from './suspicious-definition.ts'

/** Everything the catalog asks about definitions that change. */
export const pinRules = { unpinned, differences, identityDifferences, holdsTools, findingsIn }
