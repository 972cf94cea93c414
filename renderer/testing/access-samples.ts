/** Workspaces, registered apps and what the check finds, made for the scenes. */
import type { RegisteredClient } from '../../src/contract/access.ts'
import type { Diagnosis, Finding } from '../../src/contract/doctor.ts'
import type { Workspace } from '../../src/contract/workspaces.ts'
import { HOUR, LOCAL, PUBLIC } from './samples.ts'

export const workspace = (name: string, title: string, sources: string[] | null): Workspace => ({
  name,
  title,
  sources,
  localUrl: `${LOCAL}/mcp${name === 'default' ? '' : `/${name}`}`,
  publicUrl: `${PUBLIC}/mcp${name === 'default' ? '' : `/${name}`}`,
})

export const client = (now: number, more: Partial<RegisteredClient>): RegisteredClient => ({
  clientId: 'app_0_9b1e7c55d2f04a3e',
  name: 'Notebook',
  redirectUris: ['https://notebook.example/oauth/callback', 'http://127.0.0.1/callback'],
  grantTypes: ['authorization_code', 'refresh_token'],
  scopes: [],
  confidential: false,
  workspace: 'default',
  createdAt: now - 40 * 24 * HOUR,
  ...more,
})

export const diagnosis = (broken: boolean): Diagnosis => {
  const titles = [
    'Your address can be reached',
    'A caller without a token is sent to the sign-in',
    'The refusal says where to sign in',
    'The address describes itself',
    'The sign-in describes itself',
    'An app can introduce itself',
    'A stranger’s redirect is refused',
    'Answers come quickly',
  ]
  const findings = titles.map((title, index): Finding => {
    const state = !broken ? 'ok' : index === 3 ? 'failed' : index > 3 ? 'skipped' : 'ok'
    const slow = broken && index === 2
    return {
      id: `f${index}`,
      title,
      state: slow ? 'warning' : state,
      sent:
        state === 'skipped'
          ? ''
          : `GET ${PUBLIC}/.well-known/oauth-protected-resource/mcp\nAccept: application/json`,
      received:
        state === 'skipped'
          ? ''
          : state === 'failed'
            ? 'HTTP 511\nContent-Type: text/html\n\n<!doctype html><title>Before you continue</title>'
            : `HTTP 200\nContent-Type: application/json\n\n{"resource":"${PUBLIC}/mcp"}`,
      problem:
        state === 'failed'
          ? {
              code: 'tunnel_page',
              message: 'The tunnel showed a page of its own instead of letting ChatGPT through.',
              hint: 'Press “Use a new address” on the Home page, or wait an hour.',
            }
          : slow
            ? { code: 'slow', message: 'The answer took long.', hint: '' }
            : state === 'skipped'
              ? { code: 'not_tried', message: 'Not tried, because an earlier step did not work.', hint: '' }
              : null,
      took: state === 'skipped' ? 0 : 40 + index * 31 + (slow ? 4_000 : 0),
    }
  })
  return {
    url: `${PUBLIC}/mcp`,
    through: 'public',
    at: Date.now(),
    findings,
    ok: !broken,
    summary: broken
      ? 'ChatGPT cannot connect: the tunnel does not let it through.'
      : 'ChatGPT can find you, sign in and reach your tools.',
  }
}
