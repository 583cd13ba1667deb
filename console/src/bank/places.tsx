// The places of the bank app, in the order of its tabs: the next capability adds its line here.
import { ArrowLeftRight, Bot, Gift, House, List, type LucideIcon, ToggleRight } from 'lucide-react';
import type { ComponentType } from 'react';
import { Activity } from './activity.tsx';
import { Consents } from './consents.tsx';
import { Home } from './home.tsx';
import { Pay } from './pay.tsx';
import { Requests } from './requests.tsx';
import { Rewards } from './rewards.tsx';

export type BankPlace = {
  /** Below `/bank`. */
  readonly path: string;
  readonly name: string;
  readonly icon: LucideIcon;
  readonly page: ComponentType;
};

export const bankPlaces: readonly BankPlace[] = [
  { path: '', name: 'Home', icon: House, page: Home },
  { path: 'pay', name: 'Pay', icon: ArrowLeftRight, page: Pay },
  { path: 'activity', name: 'Activity', icon: List, page: Activity },
  { path: 'rewards', name: 'Rewards', icon: Gift, page: Rewards },
  { path: 'requests', name: 'Requests', icon: Bot, page: Requests },
  { path: 'consents', name: 'Consents', icon: ToggleRight, page: Consents },
];
