// What stands around all screens: the theme, what was read, the router, and who is signed in.
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type QueryCache, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ApiProblem } from '../api/client.ts';
import { createQueries } from '../api/queries.ts';
import { sessionIsOver } from '../api/session.ts';
import { createAppRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

const queries = createQueries();
const router = createAppRouter();
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const noticeSignedOut: Parameters<QueryCache['subscribe']>[0] = (event) => {
  const error = 'query' in event ? event.query.state.error : null;
  if (error instanceof ApiProblem && error.problem.status === 401) sessionIsOver(true);
};
queries.getQueryCache().subscribe(noticeSignedOut);
queries.getMutationCache().subscribe((event) => {
  const error = event.mutation?.state.error;
  if (error instanceof ApiProblem && error.problem.status === 401) sessionIsOver(true);
});

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" limit={4} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
