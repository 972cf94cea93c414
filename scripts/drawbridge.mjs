// `npm run -s drawbridge -- …`: the command line from a checkout. Standard output belongs to the command alone.
import { join } from 'node:path'
import { nodeFlags } from './node-flags.mjs'
import { withPrepared } from './prepare.mjs'
import { become, findNode, leavePassphraseBehind, root } from './process.mjs'

if (process.argv.includes('serve')) await leavePassphraseBehind()

await withPrepared(() =>
  become(findNode(), [...nodeFlags, join(root, 'out', 'main', 'drawbridge.js'), ...process.argv.slice(2)]),
)
process.exit()
