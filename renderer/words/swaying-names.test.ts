import { expect, it } from 'vitest'
import { swayingNames } from './swaying-names.ts'

it('finds settings that change what is started, and no others', () => {
  const names = ['NODE_OPTIONS', 'LD_PRELOAD', 'PATH', 'npm_config_registry', 'PYTHONPATH', 'HTTPS_PROXY']
  expect(swayingNames([...names, 'API_KEY', 'NOTES_PATH', 'HOMEPAGE', 'PATHS'])).toEqual(names)
})
