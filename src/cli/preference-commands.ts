import type { Command } from 'commander'
import { type Act, collect, usage } from './context.ts'

/** What holds for everything: where clients may be sent back to, and the keys that sign. */
export function addPreferenceCommands(program: Command, act: Act): void {
  act(
    program
      .command('preferences')
      .description('show or change where clients may be sent back to')
      .option(
        '--redirect-domain <host>',
        'the only hosts allowed, such as *.example.com (repeatable)',
        collect,
        [],
      )
      .option('--any-redirect-domain', 'any host that passes the usual rules'),
    async (
      context,
      { redirectDomain, anyRedirectDomain }: { redirectDomain: string[]; anyRedirectDomain?: boolean },
    ) => {
      if (redirectDomain.length > 0 && anyRedirectDomain === true)
        throw usage('--redirect-domain and --any-redirect-domain contradict each other.', 'Give one of them.')
      const redirectDomains = redirectDomain.length > 0 ? redirectDomain : null
      const now =
        redirectDomains !== null || anyRedirectDomain === true
          ? await context.host.call('preferences.set', { redirectDomains })
          : await context.host.call('preferences.get', undefined)
      context.answer(
        now,
        now.redirectDomains === null
          ? ['Clients may be sent back to any host that passes the usual rules.']
          : [
              'Clients may be sent back to these hosts only:',
              ...now.redirectDomains.map((one) => `  ${one}`),
            ],
      )
    },
  )

  act(
    program
      .command('rotate')
      .description('make new signing keys; every client is signed out and must be let in again')
      .option('--keys', 'end the access of named keys too')
      .option('--yes', 'really do it'),
    async (context, { keys, yes }: { keys?: boolean; yes?: boolean }) => {
      if (yes !== true)
        throw usage(
          `This signs out every client${keys === true ? ' and ends every named key' : ''} at once.`,
          `If you want that: drawbridge rotate${keys === true ? ' --keys' : ''} --yes`,
        )
      await context.host.call('security.rotate', { keys: keys === true })
      context.answer({ rotated: { keys: keys === true } }, [
        `There are new signing keys. Every client must be let in again${keys === true ? ', and every named key has ended' : ''}.`,
      ])
    },
  )
}
