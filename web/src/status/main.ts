import { createApp } from 'vue';
import '../styles/base.css';
import StatusPage from './StatusPage.vue';

createApp(StatusPage).mount('#app');
