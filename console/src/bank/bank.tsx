// The bank app of a customer: who may come in, and which of its pages an address shows.
import { Button, MantineThemeProvider } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { SessionOver } from '../app/signed-in.tsx';
import { type Session, useSession, useSignOut } from '../api/session.ts';
import { Loading } from '../parts/states.tsx';
import { Frame, Page } from './frame.tsx';
import { Offers } from './offers.tsx';
import { PaymentPage } from './payment.tsx';
import { bankPlaces } from './places.tsx';
import { useCustomer, useListsFollowBalances } from './reads.ts';
import { RequestPage } from './request.tsx';
import { bankTheme } from './theme.ts';
import './bank.css';

export function Bank() {
  return (
    <MantineThemeProvider theme={bankTheme} inherit>
      <div className="bank">
        <Door />
      </div>
    </MantineThemeProvider>
  );
}

function Door() {
  const session = useSession();
  if (session === undefined) return <Loading />;
  if (session === null) return <Welcome />;
  return session.customer === null ? <NoCustomer session={session} /> : <Open session={session} />;
}

function Open({ session }: { readonly session: Session }) {
  const { pathname } = useLocation();
  const { data } = useCustomer();
  useListsFollowBalances(data?.accounts.items);
  const [path = '', id] = pathname.split('/').slice(2);
  const place = bankPlaces.find((each) => each.path === path);
  return (
    <Frame session={session} places={bankPlaces}>
      {path === 'payments' && id ? (
        <PaymentPage key={id} id={id} />
      ) : path === 'requests' && id ? (
        <RequestPage key={id} id={id} />
      ) : path === 'offers' && id === undefined ? (
        <Offers />
      ) : place && id === undefined ? (
        <place.page />
      ) : (
        <Page title="There is no such page">
          <p>It may have moved, or its address is mistyped.</p>
          <Link to={'/bank' as never}>To your accounts</Link>
        </Page>
      )}
      <SessionOver />
    </Frame>
  );
}

function Closed({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="bank-frame bank-closed">
      <img src="/seal.svg" width={48} height={48} alt="" />
      <h1>{title}</h1>
      {children}
    </main>
  );
}

function Welcome() {
  const { href } = useLocation();
  return (
    <Closed title="Welcome to your bank">
      <p>Your accounts, your payments, and what you have agreed to.</p>
      <Button component="a" href={`/auth/sign-in?return=${encodeURIComponent(href)}`}>
        Sign in
      </Button>
    </Closed>
  );
}

function NoCustomer({ session }: { readonly session: Session }) {
  const signOut = useSignOut();
  return (
    <Closed title="This app is for customers">
      <p>
        You are signed in as {session.name ?? session.principal}, who is no customer of{' '}
        {session.tenant.name}. Sign in as one, or work in the console.
      </p>
      <Button component={Link} to={'/' as never}>
        To the console
      </Button>
      <Button variant="default" onClick={() => void signOut()}>
        Sign out
      </Button>
    </Closed>
  );
}
